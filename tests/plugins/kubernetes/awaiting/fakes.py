"""A scripted API server and a clock that needs no time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.errors import ApiError, ClusterError

GONE = ApiError(404, "NotFound", 'configmaps "c" not found')


@dataclass
class FakeReader:
    """Answers the n-th look at the awaited object with the n-th of `looks` (an error is raised), and stays at the last."""

    looks: list[Object | ClusterError]
    related: dict[str, list[Object]] = field(default_factory=dict)
    asked: int = 0
    events_of: str = ""

    def get(self, gvk: GVK, namespace: str, name: str) -> Object:
        if gvk.kind in self.related:
            return self.related[gvk.kind][0]
        answer = self.looks[min(self.asked, len(self.looks) - 1)]
        self.asked += 1
        if isinstance(answer, ClusterError):
            raise answer
        return answer

    def list(self, gvk: GVK, namespace: str = "", *, label_selector: str = "", field_selector: str = "") -> list[Object]:
        if gvk.kind == "Event":
            self.events_of = field_selector
        return self.related.get(gvk.kind, [])


@dataclass
class FakeClock:
    """Pauses cost nothing; `at` calls something once so many seconds have passed."""

    time: float = 1000.0
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def pause(self, cancelled: threading.Event, seconds: float) -> None:
        self.time += seconds
        for moment, call in [each for each in self.due if each[0] <= self.time]:
            self.due.remove((moment, call))
            call()

    def at(self, seconds: float, call: Callable[[], None]) -> None:
        self.due.append((self.time + seconds, call))


@dataclass
class Told:
    """The lines of progress, in order."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, text: str, severity: str) -> None:
        self.lines.append((severity, text))

    def texts(self, severities: Iterable[str] = ("info", "warning")) -> list[str]:
        return [text for severity, text in self.lines if severity in severities]
