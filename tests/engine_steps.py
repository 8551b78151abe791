"""What Pulumi's engine does with each resource, as it tells it in the file of `--event-log`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {"PULUMI_DEBUG_COMMANDS": "true"}
"""With this the CLI knows `--event-log`."""


@dataclass(frozen=True)
class Step:
    """What the engine does, or would do, with one resource. `paths`: of its arguments that change."""

    operation: str
    type: str
    name: str
    paths: tuple[str, ...] = ()

    @property
    def is_kubernetes(self) -> bool:
        return self.type.startswith(("kubernetes:", "pulumi:providers:kubernetes"))


def read(log: Path) -> Iterator[Step]:
    if not log.exists():
        return
    for line in log.read_text().splitlines():
        told = json.loads(line).get("resourcePreEvent")
        if told:
            metadata = told["metadata"]
            paths = tuple(sorted(metadata.get("detailedDiff") or {}))
            yield Step(metadata["op"], metadata["type"], metadata["urn"].rpartition("::")[2], paths)
