"""What is installed beside a program: asked of its own interpreter, which need not be the host's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from headroom.plugins.python_host.interpreter import InterpreterError

_ASK_SECONDS = 60

# Runs in the program's interpreter: standard library only.
_QUESTION = """
import importlib.metadata, json, pathlib, platform, sys
packages, plugins = [], []
for distribution in importlib.metadata.distributions():
    packages.append([distribution.metadata["Name"], distribution.version])
    for file in distribution.files or ():
        if len(file.parts) == 2 and file.name == "pulumi-plugin.json":
            plugins.append([distribution.version, json.loads(pathlib.Path(file.locate()).read_text())])
json.dump({"executable": sys.executable, "version": platform.python_version(), "packages": packages, "plugins": plugins}, sys.stdout)
"""


class Plugin(NamedTuple):
    """A resource plugin that an installed SDK asks for."""

    name: str
    version: str
    server: str


class Installed(NamedTuple):
    """An interpreter and what is installed for it; `packages` are names with versions, sorted."""

    executable: str
    version: str
    packages: tuple[tuple[str, str], ...]
    plugins: tuple[Plugin, ...]


def installed(python: Path, environment: Mapping[str, str], directory: str) -> Installed:
    """Asks `python`, run in `directory`. Raises `InterpreterError` when it cannot answer."""
    answer = subprocess.run(
        [python, "-c", _QUESTION], cwd=directory or None, env=environment, capture_output=True, text=True, timeout=_ASK_SECONDS
    )
    if answer.returncode:
        raise InterpreterError(f"{python} could not list its packages:\n{answer.stderr.strip()}")
    facts = json.loads(answer.stdout)
    return Installed(
        facts["executable"],
        facts["version"],
        tuple(sorted((name, version) for name, version in facts["packages"])),
        plugins(facts["plugins"]),
    )


def plugins(manifests: list[tuple[str, dict[str, str | bool]]]) -> tuple[Plugin, ...]:
    """The plugins of pairs (SDK version, its pulumi-plugin.json); a manifest without a version means the SDK's own."""
    return tuple(
        sorted(
            Plugin(
                str(manifest["name"]), f"v{str(manifest.get('version') or version).removeprefix('v')}", str(manifest.get("server") or "")
            )
            for version, manifest in manifests
            if manifest.get("resource")
        )
    )
