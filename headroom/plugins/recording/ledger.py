"""The record of a run: one line of JSON for everything that an engine had a cloud do."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from headroom.plugins.kubernetes.properties import UNKNOWN, Secret

Step = Literal["create", "read", "update", "delete", "invoke"]


@dataclass(frozen=True)
class Entry:
    """`preview`: it was planned and not done. Secrets read `[secret]`, what was not known yet `[unknown]`."""

    step: Step
    token: str
    name: str
    arguments: dict[str, Any]
    preview: bool = False


class Ledger:
    """A file that the plugins of one run append to, each from its own process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, step: Step, token: str, name: str, arguments: Mapping[str, Any], *, preview: bool = False) -> None:
        entry = Entry(step, token, name, _readable(dict(arguments)), preview)
        with self._path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps(asdict(entry)) + "\n")

    def entries(self) -> list[Entry]:
        """In the order of the run."""
        return [Entry(**json.loads(line)) for line in self._path.read_text().splitlines()] if self._path.exists() else []

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)


def _readable(value: Any) -> Any:
    if isinstance(value, Secret):
        return "[secret]"
    if value is UNKNOWN:
        return "[unknown]"
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    return [_readable(item) for item in value] if isinstance(value, list) else value
