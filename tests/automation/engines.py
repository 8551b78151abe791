"""An engine in the place of Pulumi's, for what is asked of the driver and not of Pulumi."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pulumi.automation import EngineEvent

from headroom.automation.engine import Options, PulumiFailed

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> Iterator[EngineEvent]:
    """The events of a real run of the stack `local`, of some of its resources, without their outputs."""
    for line in (RECORDED / f"{name}.jsonl").read_text().splitlines():
        yield EngineEvent.from_json(json.loads(line))


def step(op: str, name: str, token: str = "kubernetes:core/v1:ConfigMap", *, read: bool = False, **states: Any) -> EngineEvent:
    """That something becomes of a resource; `read`: as it is told when it has been."""
    metadata = {"op": op, "urn": f"urn:pulumi:a::headroom::{token}::{name}", "type": token, **states}
    return EngineEvent.from_json({"resOutputsEvent" if read else "resourcePreEvent": {"metadata": metadata}})


def told(severity: str, message: str) -> EngineEvent:
    return EngineEvent.from_json({"diagnosticEvent": {"severity": severity, "message": message, "prefix": "", "color": "never"}})


def violation(policy: str, level: str, message: str = "it is wrong") -> EngineEvent:
    said = {"policyName": policy, "enforcementLevel": level, "message": message}
    return EngineEvent.from_json({"policyEvent": said})


@dataclass
class Played:
    """Plays events, and fails with what is given as what the CLI says; `log` is what was asked of it."""

    events: dict[str, list[EngineEvent]] = field(default_factory=dict)
    """By stack."""
    failures: dict[str, str] = field(default_factory=dict)
    encrypted: list[str] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    options: dict[str, Options] = field(default_factory=dict)
    official: bool = True

    def look(self) -> None:
        pass

    def select(self, name: str, *, sandboxed: bool) -> Any:
        self.log.append(("select", name))
        return SimpleNamespace(name=name)

    def secrets(self, stack: Any) -> list[str]:
        return self.encrypted

    def _play(self, operation: str, stack: Any, hear: Callable[[EngineEvent], None], options: Options) -> None:
        self.log.append((operation, stack.name))
        self.options[stack.name] = options
        for event in self.events.get(stack.name, ()):
            hear(event)
        if failure := self.failures.get(stack.name):
            raise PulumiFailed(failure)

    def preview(self, *arguments: Any) -> None:
        self._play("preview", *arguments)

    def up(self, *arguments: Any) -> None:
        self._play("up", *arguments)

    def drift(self, *arguments: Any) -> None:
        self._play("drift", *arguments)

    def destroy(self, *arguments: Any) -> None:
        self._play("destroy", *arguments)
