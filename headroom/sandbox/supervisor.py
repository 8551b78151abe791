"""Makes processes run as they are described: starts, replaces, waits until they serve."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import httpx

from headroom.sandbox import records
from headroom.sandbox.api import tls
from headroom.sandbox.errors import NotReady, ProcessDied
from headroom.sandbox.healing import NEW, Action, Decision, Observed, decide
from headroom.sandbox.launch import end, end_all, last_lines, runs, start
from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process, fingerprint
from headroom.sandbox.records import Record
from headroom.sandbox.report import Report
from headroom.sandbox.tasks import Task

NOTABLE_SECONDS = 0.5


@dataclass(frozen=True)
class Answer:
    """What a health URL said: `detail` is the body of an answer that was not 200, or why there was none."""

    healthy: bool
    detail: str = ""


class Supervisor:
    """Works from inside the namespace. Safe to use from several threads, one process each."""

    def __init__(self, layout: Layout, report: Report) -> None:
        self._layout = layout
        self._report = report
        self._marked = list(records.marked(layout))

    @cached_property
    def _http(self) -> httpx.Client:
        # Made when somebody is asked: before that there may be no certificates yet.
        return httpx.Client(verify=tls(self._layout), timeout=3, trust_env=False)

    def task(self, process: Process) -> Task:
        return Task(process.name, process.needs, partial(self.ensure, process))

    def step(self, name: str, needs: tuple[str, ...], work: Callable[[], None]) -> Task:
        """Something to be done that is no process; told of when it takes a while."""

        def run() -> None:
            begun = time.monotonic()
            work()
            if (seconds := time.monotonic() - begun) > NOTABLE_SECONDS:
                self._report(f"{name:<24} {seconds:5.1f} s")

        return Task(name, needs, run)

    def ensure(self, process: Process) -> None:
        """Makes `process` run as described and serve. Raises `ProcessDied` or `NotReady`."""
        decision = self.decide(process)
        if decision.action is Action.KEEP:
            return
        begun = time.monotonic()
        end(self._layout, [process.name])
        end_all([stray for stray, name in self._marked if name == process.name and runs(stray, process.argv)])
        record = start(self._layout, process)
        self._wait(process, record)
        self._report(f"{process.name:<24} {time.monotonic() - begun:5.1f} s{self._remark(process, decision)}")

    def _remark(self, process: Process, decision: Decision) -> str:
        earlier = self._layout.previous_log(process.name)
        return f"  {decision.why}; until then: {earlier}" if decision.why != NEW and earlier.exists() else ""

    def decide(self, process: Process) -> Decision:
        record = records.read(self._layout, process.name)
        living = record is not None and records.alive(record)
        answers = self._answers_within(process.ready, 10) if living and process.ready else None
        return decide(Observed(record.fingerprint if record else None, living, answers), fingerprint(process))

    def ask(self, url: str) -> Answer:
        try:
            response = self._http.get(url)
        except httpx.HTTPError as error:
            return Answer(False, str(error) or type(error).__name__)
        return Answer(True) if response.status_code == httpx.codes.OK else Answer(False, response.text.strip())

    def _answers_within(self, url: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not (answer := self.ask(url).healthy) and time.monotonic() < deadline:
            time.sleep(0.2)
        return answer

    def _wait(self, process: Process, record: Record) -> None:
        deadline = time.monotonic() + process.seconds_to_ready
        # Most that cannot run says so at once; one that cannot be asked is believed after this look.
        time.sleep(0.05)
        while records.alive(record):
            if process.ready is None or self.ask(process.ready).healthy:
                return
            if time.monotonic() > deadline:
                detail = self.ask(process.ready).detail
                raise NotReady(
                    f"{process.name} does not serve after {process.seconds_to_ready:.0f} s: {process.ready} answers {detail!r}; "
                    f"its log is {self._layout.log(process.name)}"
                )
            time.sleep(0.1)
        raise ProcessDied(process.name, self._layout.log(process.name), last_lines(self._layout.log(process.name)))
