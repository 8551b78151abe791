"""Which Python a program runs on, by the `runtime.options` of its Pulumi.yaml or PulumiPolicy.yaml."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TOOLCHAIN = "pip"
_OPTIONS = ("toolchain", "virtualenv")


class InterpreterError(Exception):
    """The program's Python cannot be had. The message says why and what to do."""


@dataclass(frozen=True)
class Interpreter:
    """The Python of a program: one of a virtual environment, or the one on the PATH (`virtualenv` None)."""

    python: Path
    virtualenv: Path | None

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` as it is inside the virtual environment."""
        if self.virtualenv is None:
            return dict(base)
        kept = {name: value for name, value in base.items() if name != "PYTHONHOME"}
        path = os.pathsep.join(filter(None, (str(self.python.parent), kept.get("PATH"))))
        return kept | {"PATH": path, "VIRTUAL_ENV": str(self.virtualenv)}


def virtualenv(root: Path, options: Mapping[str, object]) -> Path | None:
    """The virtual environment that `options` name, relative to `root`; None for the Python on the PATH.

    Raises `InterpreterError` for an option or toolchain that this stand-in does not know.
    """
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise InterpreterError(
            f"The stand-in language host does not know the runtime option {', '.join(unknown)}: it knows {', '.join(_OPTIONS)}"
        )
    toolchain = options.get("toolchain") or _TOOLCHAIN
    if toolchain != _TOOLCHAIN:
        raise InterpreterError(f"The stand-in language host does not know the toolchain {toolchain!r}: use {_TOOLCHAIN}")
    directory = options.get("virtualenv")
    return root / str(directory) if directory else None


def interpreter(root: Path, options: Mapping[str, object], environment: Mapping[str, str]) -> Interpreter:
    """The Python that exists for a program. Raises `InterpreterError` when it does not."""
    directory = virtualenv(root, options)
    if directory is None:
        return Interpreter(ambient(environment), None)
    python = directory / "bin" / "python"
    if not python.exists():
        raise InterpreterError(f"The virtualenv {str(options['virtualenv'])!r} has no Python at {python}: run `pulumi install` to make it")
    return Interpreter(python, directory)


def ambient(environment: Mapping[str, str]) -> Path:
    """`$PULUMI_PYTHON_CMD`, else python3 or python on the PATH. Raises `InterpreterError` when there is none."""
    own = environment.get("PULUMI_PYTHON_CMD")
    names = (own,) if own else ("python3", "python")
    for name in names:
        if found := shutil.which(name, path=environment.get("PATH")):
            return Path(found)
    raise InterpreterError(f"No {' or '.join(names)} on the PATH: install Python, or name a virtualenv in the runtime options")
