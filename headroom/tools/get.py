"""Where a tool is, and how to have it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from headroom.tools import golang, progress, space
from headroom.tools.ambient import on_path
from headroom.tools.build import build
from headroom.tools.cache import Cache
from headroom.tools.catalog import EVERYTHING, NEEDED_FOR_BUILDS, TOOLS, GoTool, Tool
from headroom.tools.errors import ToolError
from headroom.tools.pins import Pin, pin


def find(name: str) -> Path | None:
    """The tool's program: on the PATH when its version fits, else built before; None when it is neither. Never builds.

    `triton` is not one program: its path is the `bin` directory of a Python environment with `python` and `nvidia-pytriton`.
    """
    cache = Cache.default()
    pinned = pin(_tool(name))
    return on_path(pinned, cache) or cache.find(pinned)


def require(*names: str, report: progress.Report | None = None) -> dict[str, Path]:
    """The paths of the tools called `names`, as `find` gives them; builds what is missing, which takes minutes.

    `report` is told how it goes; by default that is shown on standard error. Raises `ToolError`, also when the disk is too small.
    """
    found = {name: find(name) for name in names}
    if missing := [name for name in TOOLS if name in found and found[name] is None]:
        with _shown(report) as told:
            _build(missing, told)
        found |= {name: find(name) for name in missing}
    return {name: path for name, path in found.items() if path is not None}


def _shown(report: progress.Report | None) -> AbstractContextManager[progress.Report]:
    if report is not None:
        return nullcontext(report)
    from headroom.tools.terminal import display

    return display()


def _build(missing: Sequence[str], report: progress.Report) -> None:
    cache = Cache.default()
    tools = [TOOLS[name] for name in missing]
    go = find(NEEDED_FOR_BUILDS)
    if go is None and any(isinstance(tool, GoTool) for tool in tools):
        tools.insert(0, TOOLS[NEEDED_FOR_BUILDS])
    _look_before(tools, cache, go, report)
    build([pin(tool) for tool in tools], cache, report, go=_go)


def _look_before(tools: Sequence[Tool], cache: Cache, go: Path | None, report: progress.Report) -> None:
    needed_mb = sum(tool.disk_mb for tool in tools)
    places = [cache.root]
    if go and any(isinstance(tool, GoTool) for tool in tools):
        environment = golang.environment(go, cache, cache.root)
        caches = subprocess.run(
            [go, "env", "GOMODCACHE", "GOCACHE"], capture_output=True, text=True, check=True, cwd=os.sep, env=environment
        )
        places += map(Path, caches.stdout.split())
    space.demand(needed_mb, places)
    seconds = sum(tool.seconds for tool in tools) * progress.speed(cache.records())
    where = ", ".join(map(str, places))
    report.plan(
        f"To be had once and kept: {', '.join(tool.name for tool in tools)}. It takes {progress.about(seconds)} "
        f"and up to {space.gigabytes(needed_mb)} in {where}. Interrupted, it goes on where it was; "
        "`headroom tools clean` frees what only builds need."
    )


def _go() -> Path:
    path = find(NEEDED_FOR_BUILDS)
    assert path is not None
    return path


def _tool(name: str) -> Tool:
    if name not in TOOLS:
        raise ToolError(f"There is no tool {name!r}. The tools are: {', '.join(EVERYTHING)}")
    return TOOLS[name]


def pins(names: Sequence[str] = EVERYTHING) -> list[Pin]:
    """What each of `names` is pinned to."""
    return [pin(_tool(name)) for name in names]
