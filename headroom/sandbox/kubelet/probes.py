"""Probes as the kubelet has them: what one is, and what a row of its outcomes means. Nothing here touches the network.

Semantics: k8s.io/kubernetes pkg/kubelet/prober (worker.go, prober_manager.go) and the API's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Kind(Enum):
    STARTUP = "Startup"
    READINESS = "Readiness"
    LIVENESS = "Liveness"

    @property
    def field(self) -> str:
        return f"{self.value.lower()}Probe"


class Result(Enum):
    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


_INITIAL = {Kind.STARTUP: Result.UNKNOWN, Kind.READINESS: Result.FAILURE, Kind.LIVENESS: Result.SUCCESS}
HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")


@dataclass(frozen=True)
class Probe:
    """A probe of a container; times in seconds. `action` is its handler: httpGet, tcpSocket, grpc or exec, with `settings`."""

    kind: Kind
    action: str
    settings: Mapping[str, Any]
    initial_delay: float = 0
    period: float = 10
    timeout: float = 1
    success_threshold: int = 1
    failure_threshold: int = 3
    grace: int | None = None

    @staticmethod
    def of(container: Mapping[str, Any], kind: Kind) -> Probe | None:
        """The container's probe of that kind, None where it has none."""
        declared = container.get(kind.field)
        if not declared:
            return None
        action = next(handler for handler in HANDLERS if handler in declared)
        return Probe(
            kind,
            action,
            declared[action] or {},
            initial_delay=declared.get("initialDelaySeconds") or 0,
            period=declared.get("periodSeconds") or 10,
            timeout=declared.get("timeoutSeconds") or 1,
            success_threshold=declared.get("successThreshold") or 1,
            failure_threshold=declared.get("failureThreshold") or 3,
            grace=declared.get("terminationGracePeriodSeconds"),
        )

    def first_look(self, started_at: float, now: float) -> float:
        """Seconds from `now` until the first look, the container having started at `started_at`."""
        return max(0.0, started_at + self.initial_delay - now)


@dataclass
class Judgement:
    """What a probe has come to: it changes its mind only after as many equal outcomes in a row as its thresholds say."""

    probe: Probe
    result: Result = field(init=False)
    _last: bool | None = None
    _run: int = 0

    def __post_init__(self) -> None:
        self.result = _INITIAL[self.probe.kind]

    def observe(self, success: bool) -> bool:
        """Takes one outcome; True when the result is decided by it (also when it stays what it was)."""
        self._run = self._run + 1 if success == self._last else 1
        self._last = success
        needed = self.probe.success_threshold if success else self.probe.failure_threshold
        if self._run < needed:
            return False
        self.result = Result.SUCCESS if success else Result.FAILURE
        return True


def port_number(container: Mapping[str, Any], port: int | str) -> int | None:
    """A probe's port as a number: itself, or that of the container's port with this name; None when there is no such name."""
    if isinstance(port, int):
        return port
    named = next((entry["containerPort"] for entry in container.get("ports") or [] if entry.get("name") == port), None)
    return named if named is not None else (int(port) if port.isdigit() else None)
