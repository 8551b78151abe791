"""Looks at the loop: five times a second for what the autoscaler asks for, once a second for everything."""

from __future__ import annotations

import asyncio
import string
import time
from collections.abc import Callable
from datetime import UTC, datetime

from headroom.catalog.names import NAMESPACE_LABEL, SERVER_LABEL
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.report.timeline import Sample
from headroom.sandbox.load.generator import Generator
from headroom.sandbox.load.statistics import Outcome, summarize
from headroom.sandbox.scenarios import looks
from headroom.sandbox.scenarios.prometheus import Ask, value
from headroom.sandbox.scenarios.recording import Change, Subject

SAMPLE_SECONDS = 1.0
LOOK_SECONDS = 0.2
HPA = GVK("autoscaling/v2", "HorizontalPodAutoscaler")
POD = GVK("v1", "Pod")
EVENT = GVK("v1", "Event")


class Recorder:
    """Samples and changes of one server, `seconds` counted from its making."""

    def __init__(
        self, client: Client, ask: Ask, subject: Subject, generator: Generator | None, on_change: Callable[[Change], None]
    ) -> None:
        self.samples: list[Sample] = []
        self.changes: list[Change] = []
        self._client = client
        self._ask = ask
        self._subject = subject
        self._generator = generator
        self._on_change = on_change
        self._begun = time.monotonic()
        self._begun_at = datetime.now(UTC)
        self._restarts: dict[str, str] = {}
        self._counted = 0
        self._desired: int | None = None

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._begun

    def complaint(self) -> str | None:
        """Why the autoscaler does not scale now."""
        return looks.complaint(self._hpa())

    def warnings(self) -> tuple[str, ...]:
        """What went wrong in the namespace meanwhile, as the cluster tells it."""
        try:
            events = self._client.list(EVENT, self._subject.namespace)
        except ClusterError as error:
            return (f"its events could not be read: {error}", *self._restarts.values())
        return (*looks.warnings(events, self._begun_at), *self._restarts.values())

    async def record(self) -> None:
        """Until it is cancelled."""
        await asyncio.gather(self._every(SAMPLE_SECONDS, self._sample), self._every(LOOK_SECONDS, self._look))

    async def _every(self, period: float, action: Callable[[], None]) -> None:
        due = time.monotonic()
        while True:
            await asyncio.to_thread(action)
            due = max(due + period, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    def _look(self) -> None:
        now = looks.desired(self._hpa())
        if now is None:
            return
        if self._desired is not None and now != self._desired:
            change = Change(round(self.elapsed, 2), self._desired, now)
            self.changes.append(change)
            self._on_change(change)
        self._desired = now

    def _sample(self) -> None:
        api_version, kind, name = self._subject.workload
        hpa, workload = self._hpa(), self._object(GVK(api_version, kind), name)
        summary = summarize(self._outcomes())
        self.samples.append(
            Sample(
                seconds=round(self.elapsed, 2),
                offered=self._generator.level if self._generator else 0,
                completed=summary.completed,
                failed=summary.failed,
                latency=summary.p95,
                signal=self._series(self._subject.record),
                target=self._series(self._subject.goal),
                seen=looks.seen(hpa, self._subject.metric),
                desired=looks.desired(hpa),
                ready=looks.ready(workload) if workload else None,
                pods=self._pods(),
                inside=self._inside(),
            )
        )

    def _outcomes(self) -> list[Outcome]:
        if self._generator is None:
            return []
        fresh = self._generator.outcomes[self._counted :]
        self._counted += len(fresh)
        return fresh

    def _series(self, record: str | None) -> float | None:
        if record is None:
            return None
        return value(self._ask, f'{record}{{{NAMESPACE_LABEL}="{self._subject.namespace}", {SERVER_LABEL}="{self._subject.server}"}}')

    def _inside(self) -> float | None:
        inside = self._subject.inside
        return value(self._ask, string.Template(inside.query).safe_substitute(namespace=self._subject.namespace)) if inside else None

    def _hpa(self) -> looks.Object:
        return self._object(HPA, self._subject.autoscaler)

    def _object(self, kind: GVK, name: str) -> looks.Object:
        """Empty while it cannot be read."""
        try:
            return self._client.get(kind, self._subject.namespace, name)
        except ClusterError:
            return {}

    def _pods(self) -> dict[str, int]:
        try:
            pods = self._client.list(POD, self._subject.namespace, label_selector=self._subject.selector)
        except ClusterError:
            return {}
        for pod in pods:
            self._restarts |= looks.restarts(pod, self._begun_at)
        return looks.phases(pods)
