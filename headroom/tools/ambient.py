"""Tools that the machine already has on its PATH."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from headroom.tools.cache import Cache
from headroom.tools.pins import Pin
from headroom.tools.versions import Fit, fits, parse

_ANSWER_SECONDS = 20


def on_path(pin: Pin, cache: Cache, path: str | None = None) -> Path | None:
    """The first program of the tool's name on `path` (default: the PATH) whose version fits; None when there is none."""
    if pin.tool.fit is Fit.NEVER:
        return None
    for candidate in candidates(pin.tool.name, cache, path):
        version = parse(cache.remembered(candidate, lambda c=candidate: _ask(c, pin.tool.version_args)))
        if version and fits(version, pin.version, pin.tool.fit):
            return candidate
    return None


def candidates(name: str, cache: Cache, path: str | None = None) -> Iterator[Path]:
    """Executables called `name` on the PATH that did not come from a clone's shims or from our cache."""
    for directory in map(Path, (os.environ.get("PATH", "") if path is None else path).split(os.pathsep)):
        candidate = directory / name
        ours = directory.parts[-2:] == (".headroom", "bin") or candidate.resolve().is_relative_to(cache.root.resolve())
        if not ours and os.access(candidate, os.X_OK) and candidate.is_file():  # in this order: a directory of another user cannot be asked
            yield candidate


def _ask(program: Path, arguments: tuple[str, ...]) -> str:
    # A CLI asked for its version must not call home nor keep a log of it, and Go must answer for itself and not for a newer toolchain.
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": os.devnull, "GOTOOLCHAIN": "local"}
    try:
        answer = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_SECONDS,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout + answer.stderr
