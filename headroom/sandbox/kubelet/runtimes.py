"""What it takes to run an image's programs on this machine, and the parts that several images share."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from headroom.sandbox import engines

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGE_ROOT = "/opt/headroom"


@dataclass(frozen=True)
class Bind:
    """A file or directory of this machine, read-only in the container."""

    source: str
    target: str


@dataclass(frozen=True)
class Runtime:
    """How an image runs here: what its root file system gets beside the system's directories, and its defaults.

    `programs` are scripts by path. A runtime that is `provided` has no process at all: its containers count as running and ready.
    """

    title: str
    binds: tuple[Bind, ...] = ()
    programs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": SYSTEM_PATH})
    entrypoint: tuple[str, ...] = ()
    user: int = 0
    provided: bool = False


def interpreter() -> str:
    """The base interpreter of the running Python: what works without an environment of packages."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def interpreter_binds(prefix: str = sys.base_prefix) -> tuple[Bind, ...]:
    """An interpreter's directory at its own path; one below /usr is in every container already."""
    return () if Path(prefix).is_relative_to("/usr") else (Bind(prefix, prefix),)


def simulated(engine: str, program: str, directory: str) -> Runtime:
    """`program` in `directory` is the simulator `headroom.sandbox.engines.<engine>`, which needs the standard library only."""
    return Runtime(
        title=f"simulator of {engine}",
        # Alone, so that nothing else of this project is imported on the way.
        binds=(*interpreter_binds(), Bind(str(Path(engines.__file__).parent), f"{PACKAGE_ROOT}/{engines.__name__.replace('.', '/')}")),
        programs={f"{directory}/{program}": f'#!/bin/sh\nexec {interpreter()} -P -S -m {engines.__name__}.{engine} "$@"\n'},
        env={"PATH": f"{directory}:{SYSTEM_PATH}", "PYTHONPATH": PACKAGE_ROOT, "PYTHONUNBUFFERED": "1"},
    )


def machine_tools() -> Runtime:
    """The machine's own commands, and `python`."""
    return Runtime(
        title="the machine's own commands",
        binds=interpreter_binds(),
        programs={f"{PACKAGE_ROOT}/bin/python": f'#!/bin/sh\nexec {interpreter()} -S "$@"\n'},
        env={"PATH": f"{PACKAGE_ROOT}/bin:{SYSTEM_PATH}"},
    )


def waiting() -> Runtime:
    """A program that does nothing until it is told to end."""
    return Runtime(
        title="a process that waits",
        programs={"/pause": "#!/bin/sh\ntrap 'exit 0' INT TERM\nsleep infinity &\nwait\n"},
        entrypoint=("/pause",),
    )
