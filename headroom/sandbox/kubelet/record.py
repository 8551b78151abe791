"""What the agent remembers of a pod between its own lives: address, network, and whether the volumes are filled."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from headroom.sandbox.kubelet.processes import Process

_FILE = "pod.json"


@dataclass(frozen=True)
class Record:
    address: str | None = None
    holder: Process | None = None
    filled: bool = False

    @staticmethod
    def read(directory: Path) -> Record:
        """What is known of the pod in `directory`; nothing where it is new."""
        try:
            content = json.loads((directory / _FILE).read_text())
        except FileNotFoundError:
            return Record()
        holder = content["holder"]
        return Record(content["address"], Process(**holder) if holder else None, content["filled"])

    def write(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        new = directory / f"{_FILE}.new"
        new.write_text(json.dumps(asdict(self)))
        os.replace(new, directory / _FILE)
