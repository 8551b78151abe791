"""Go builds from a wrapper module, reproducible and without touching its pins."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from headroom.tools.cache import GO_CACHES, Cache
from headroom.tools.catalog import GoTool
from headroom.tools.pins import BUILD_FLAGS, Pin, ldflags

COMPILING = "compiling"
GO_MOD = "go.mod"
_LEAST_MEMORY, _MOST_MEMORY = 256 * 2**20, 2 * 2**30


def steps(go: Path, pinned: Pin, into: Path, scratch: Path) -> Iterator[list[str | Path]]:
    """The commands that build the tool to `into/NAME`."""
    tool = pinned.tool
    assert isinstance(tool, GoTool)
    tags = [f"-tags={tool.tags}"] if tool.tags else []
    pins = [f"-modfile={scratch / GO_MOD}"] if tool.stand_ins else []
    yield [go, "build", "-v", *BUILD_FLAGS, *pins, *tags, f"-ldflags={ldflags(pinned)}", "-o", into / tool.name, tool.package]


def complete(pinned: Pin, modules: Mapping[str, Path], scratch: Path) -> None:
    """Puts copies of `modules` with the tool's stand-ins into `scratch`, and pins beside them that are the wrapper's and name the copies.

    Go takes neither an overlay for its module cache nor a module that lacks what it embeds.
    """
    tool = pinned.tool
    assert isinstance(tool, GoTool)
    pins = (pinned.wrapper / GO_MOD).read_text()
    for module, directory in modules.items():
        copy = scratch / "modules" / module.replace("/", "-")
        _copy(directory, copy)
        for found in tool.stand_ins:
            if found.module == module:
                (copy / found.path).parent.mkdir(parents=True, exist_ok=True)
                (copy / found.path).write_bytes((pinned.wrapper / found.source).read_bytes() if found.source else b"")
        pins += f"\nreplace {module} => {json.dumps(str(copy))}\n"
    shutil.copy(pinned.wrapper / "go.sum", scratch)
    (scratch / GO_MOD).write_text(pins)


def _copy(module: Path, into: Path) -> None:
    shutil.copytree(module, into, copy_function=shutil.copyfile)
    for directory in (into, *(path for path in into.rglob("*") if path.is_dir())):
        directory.chmod(0o755)  # The module cache is read-only.


def environment(go: Path, cache: Cache, scratch: Path) -> dict[str, str]:
    """The caller's environment with what decides the result fixed, and Go's temporary files in `scratch`.

    A machine's own Go keeps its own caches. One that we brought keeps them in our cache: they go when it goes.
    """
    ours = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTMPDIR": str(scratch), **_memory()}
    if go.is_relative_to(cache.root):
        ours |= {"GOPATH": str(cache.root / GO_CACHES), "GOCACHE": str(cache.root / GO_CACHES / "build"), "GOFLAGS": "-modcacherw"}
    kept = {name: value for name, value in os.environ.items() if name not in ("GOOS", "GOARCH", "GOROOT")}
    return kept | ours


def _memory() -> dict[str, str]:
    """Compilers that collect no garbage before they fill their share of half the free memory: a sixth less work.

    Source: https://tip.golang.org/doc/gc-guide#Memory_limit
    """
    share = psutil.virtual_memory().available // 2 // (os.cpu_count() or 1)
    return {"GOGC": "off", "GOMEMLIMIT": str(min(max(share, _LEAST_MEMORY), _MOST_MEMORY))}


def activity(output: str) -> str | None:
    """What a line of `go build -v` says it is doing, in few words."""
    if output.startswith("go: downloading "):
        return f"downloading {output.split()[2]}"
    return f"{COMPILING} {output}" if output and " " not in output and not output.startswith("#") else None
