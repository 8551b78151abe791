"""Waiting until an object is ready: look, judge, tell, pause, again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

from headroom.plugins.kubernetes.awaiting import look
from headroom.plugins.kubernetes.awaiting.annotations import skips_await, timeout_of
from headroom.plugins.kubernetes.awaiting.clock import SYSTEM, Clock, pause_after_look
from headroom.plugins.kubernetes.awaiting.objects import name_of
from headroom.plugins.kubernetes.awaiting.outcome import Cancelled, NotReady
from headroom.plugins.kubernetes.awaiting.table import rule_after_write, rule_on_refresh
from headroom.plugins.kubernetes.awaiting.verdict import Done, Failed, Line, Observed, Rule, Severity, Verdict, Waiting
from headroom.plugins.kubernetes.client import Object
from headroom.plugins.kubernetes.errors import ClusterError

Operation = Literal["create", "update", "read"]
Report = Callable[[str, Severity], None]

SKIPPED = "Skipping await logic"
FAILED = "Resource '{name}' was created but failed to initialize"
GONE = "It was deleted while it was waited for"


def wait_ready(
    client: look.Reader,
    live: Object,
    *,
    inputs: Object,
    operation: Operation,
    timeout: float | None,
    cancelled: threading.Event,
    report: Report,
    clock: Clock = SYSTEM,
) -> Object:
    """The object as it is once it is ready.

    `live` is what the server answered to the write or read, `timeout` the resource option in seconds (None or 0: not given). A read
    is judged once and not waited for. `report` takes lines of progress. Raises `NotReady`, `Cancelled`, `BadWaitFor`.
    """
    if skips_await(inputs):
        if operation != "read":
            report(SKIPPED, "info")
        return live
    if operation == "read":
        return _check(client, rule_on_refresh(live), live, report)
    rule = rule_after_write(live)
    if rule is None:
        return live
    seconds = rule.timeout if rule.timeout is not None else timeout_of(inputs, timeout)
    return _Wait(client, rule, live, clock, cancelled, report).until(clock.now() + seconds)


def _check(client: look.Reader, rule: Rule | None, live: Object, report: Report) -> Object:
    if rule is None:
        return live
    verdict = rule.assess(Observed(live, look.related(client, rule, live)))
    for line in verdict.lines:
        report(*line)
    if isinstance(verdict, Done):
        return live
    raise NotReady(live, [FAILED.format(name=name_of(live)), *verdict.reasons])


class _Wait:
    def __init__(self, client: look.Reader, rule: Rule, live: Object, clock: Clock, cancelled: threading.Event, report: Report) -> None:
        self._client, self._rule, self._live = client, rule, live
        self._clock, self._cancelled, self._report = clock, cancelled, report
        self._began = self._changed = clock.now()
        self._version: object = None
        self._told: set[Line] = set()

    def until(self, deadline: float) -> Object:
        verdict: Verdict = Waiting()
        looks = 0
        while True:
            verdict = self._judge(verdict)
            name = name_of(self._live)
            if isinstance(verdict, Done):
                return self._live
            if isinstance(verdict, Failed):
                raise NotReady(self._live, [FAILED.format(name=name), *verdict.reasons])
            left = deadline - self._clock.now()
            if not self._cancelled.is_set() and left > 0:
                self._clock.pause(self._cancelled, min(pause_after_look(looks), left))
                looks += 1
                continue
            if verdict.acceptable:
                return self._live
            if self._cancelled.is_set():
                raise Cancelled(self._live, [self._rule.cancelled.format(name=name), *verdict.reasons])
            raise NotReady(self._live, [self._rule.timed_out.format(name=name), *verdict.reasons])

    def _judge(self, before: Verdict) -> Verdict:
        """The verdict on a new look; the one before when the API server cannot be asked right now."""
        try:
            found = look.current(self._client, self._live)
            if found is None:
                return Failed((GONE,))
            self._live = found
            verdict = self._rule.assess(self._observe())
            events = look.warnings(self._client, self._live) if isinstance(verdict, Waiting) else []
        except ClusterError as error:
            self._tell([Line(str(error), "warning")])
            return before
        self._tell([*events, *verdict.lines])
        return verdict

    def _observe(self) -> Observed:
        related, now = look.related(self._client, self._rule, self._live), self._clock.now()
        version = look.version(related)
        if version != self._version:
            self._version, self._changed = version, now
        return Observed(self._live, related, elapsed=now - self._began, quiet=now - self._changed)

    def _tell(self, lines: list[Line]) -> None:
        for line in lines:
            if line not in self._told:
                self._report(*line)
        self._told = set(lines)
