"""Wheels in a Python environment of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path


def steps(requirements: Path, into: Path) -> Iterator[list[str | Path]]:
    """The commands that make the environment `into` with exactly what `requirements` pins, hashes checked."""
    yield [sys.executable, "-m", "venv", into]
    pip = [into / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input"]
    yield [*pip, "install", "--require-hashes", "--only-binary=:all:", "--progress-bar=off", "-r", requirements]


def environment() -> dict[str, str]:
    """The caller's environment without what would lead Python into another one."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")}


def activity(output: str) -> str | None:
    """What a line of pip's output says it is doing, in few words."""
    verb, _, rest = output.strip().partition(" ")
    if verb in ("Downloading", "Using") and rest:
        return f"downloading {rest.removeprefix('cached ').split(' ')[0].rsplit('/', 1)[-1]}"
    return "installing wheels" if verb == "Installing" else None
