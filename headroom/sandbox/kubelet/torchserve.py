"""TorchServe's image: the simulator, or the real program from PyPI with the torch of Debian's `python3-torch`, on Java."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from headroom import tools
from headroom.sandbox.kubelet.pytriton import base_prefix
from headroom.sandbox.kubelet.runtimes import SYSTEM_PATH, Bind, Runtime, interpreter, interpreter_binds, simulated

# Where its image has them.
_BIN = "/home/venv/bin"
# PyPI's torch brings gigabytes of CUDA; Debian's is built for CPUs, for Debian's own minor version of Python.
_LIB = Path("/usr/lib")
DEBIAN = _LIB / "python3" / "dist-packages"
# The package's libraries are links to those two directories above it, so both are where they are to each other.
_ELSEWHERE = Path("/opt/debian")
_TORCH = _ELSEWHERE / DEBIAN.relative_to(_LIB)
_OF_TORCH = ("torch", "torchgen", "functorch")


def simulator() -> Runtime:
    """With the `python` that its image has."""
    plain = simulated("torchserve", "torchserve", _BIN)
    return replace(plain, programs={**plain.programs, f"{_BIN}/python": f'#!/bin/sh\nexec {interpreter()} -S "$@"\n'})


def missing() -> Sequence[str]:
    """What this machine lacks for the real one, in words that say what to do."""
    version = Path(interpreter()).name.removeprefix("python").replace(".", "")
    library = next((DEBIAN / "torch").glob(f"_C.cpython-{version}-*.so"), None)
    return (
        *(() if tools.find("torchserve") else ("TorchServe: headroom tools build torchserve",)),
        *(() if shutil.which("java", path=SYSTEM_PATH) else ("Java: apt-get install openjdk-17-jre-headless",)),
        *(() if library else (f"torch for Python {version[0]}.{version[1:]}: apt-get install python3-torch",)),
    )


def real() -> Runtime | None:
    """None where something of it is missing."""
    programs = tools.find("torchserve")
    if programs is None or missing():
        return None
    environment = programs.parent
    return Runtime(
        title=f"real TorchServe {_version(environment)}",
        binds=(
            Bind(str(environment), str(environment)),
            *interpreter_binds(str(base_prefix(environment))),
            # Alone: what else lies beside it in the system's directory would come before the environment's own packages.
            *(Bind(str(DEBIAN / name), str(_TORCH / name)) for name in _OF_TORCH),
            *(Bind(str(libraries), str(_ELSEWHERE / libraries.name)) for libraries in _LIB.glob("*-linux-gnu")),
            # Where Debian keeps what Java reads before it runs anything.
            *(Bind(str(settings), str(settings)) for settings in sorted(Path("/etc").glob("java-*"))),
        ),
        env={"PATH": f"{programs}:{SYSTEM_PATH}", "PYTHONPATH": str(_TORCH), "HOME": "/tmp"},
        user=1000,
    )


def _version(environment: Path) -> str:
    packages = next(environment.glob("lib/python3.*/site-packages"))
    return next(packages.glob("torchserve-*.dist-info")).name.removeprefix("torchserve-").removesuffix(".dist-info")
