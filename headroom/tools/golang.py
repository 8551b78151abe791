"""Go builds from a wrapper module, reproducible and without touching its pins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from headroom.tools.cache import GO_CACHES, Cache
from headroom.tools.catalog import GoTool
from headroom.tools.pins import BUILD_FLAGS, Pin, ldflags

COMPILING = "compiling"


def steps(go: Path, pinned: Pin, into: Path) -> Iterator[list[str | Path]]:
    """The commands that build the tool to `into/NAME`."""
    tool = pinned.tool
    assert isinstance(tool, GoTool)
    tags = [f"-tags={tool.tags}"] if tool.tags else []
    yield [go, "build", "-v", *BUILD_FLAGS, *tags, f"-ldflags={ldflags(pinned)}", "-o", into / tool.name, tool.package]


def environment(go: Path, cache: Cache, scratch: Path) -> dict[str, str]:
    """The caller's environment with what decides the result fixed, and Go's temporary files in `scratch`.

    A machine's own Go keeps its own caches. One that we brought keeps them in our cache: they go when it goes.
    """
    ours = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTMPDIR": str(scratch)}
    if go.is_relative_to(cache.root):
        ours |= {"GOPATH": str(cache.root / GO_CACHES), "GOCACHE": str(cache.root / GO_CACHES / "build"), "GOFLAGS": "-modcacherw"}
    kept = {name: value for name, value in os.environ.items() if name not in ("GOOS", "GOARCH", "GOROOT")}
    return kept | ours


def activity(output: str) -> str | None:
    """What a line of `go build -v` says it is doing, in few words."""
    if output.startswith("go: downloading "):
        return f"downloading {output.split()[2]}"
    return f"{COMPILING} {output}" if output and " " not in output and not output.startswith("#") else None
