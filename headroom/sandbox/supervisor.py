"""Starts the sandbox's processes, waits until they serve, and ends them."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import httpx
import psutil

from headroom.sandbox import records
from headroom.sandbox.api import tls
from headroom.sandbox.errors import NotReady, ProcessDied
from headroom.sandbox.healing import NEW, Action, Decision, Observed, decide
from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process, environment, fingerprint
from headroom.sandbox.records import Record
from headroom.sandbox.tasks import Task

LAST_LINES = 12
GRACE_SECONDS = 8
NOTABLE_SECONDS = 0.5


class Report(Protocol):
    def __call__(self, message: str, /) -> None: ...


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
        self._http = httpx.Client(verify=tls(layout), timeout=3, trust_env=False)
        self._marked = list(records.marked(layout))

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


def start(layout: Layout, process: Process, prefix: tuple[str, ...] = ()) -> Record:
    """Starts and records a process that outlives this one; `prefix` is the command that enters the namespace."""
    log = layout.log(process.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(layout.previous_log(process.name))
    # Taken before the start: what changes meanwhile makes it start again, never run with what is old.
    mark = fingerprint(process)
    with log.open("ab") as output:
        child = subprocess.Popen(
            [*prefix, *process.argv],
            env=environment(layout.mark, process),
            cwd=layout.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=tuple(process.inherits.values()),
        )
    record = Record(process.name, child.pid, records.started(child.pid) or "gone", mark, process.argv, process.health_url)
    records.write(layout, record)
    return record


def end(layout: Layout, names: Iterable[str]) -> None:
    """Ends the recorded processes of these names and forgets them."""
    found = [record for name in names if (record := records.read(layout, name))]
    end_all([psutil.Process(record.pid) for record in found if records.alive(record)])
    for record in found:
        records.forget(layout, record.name)


def end_all(processes: list[psutil.Process]) -> None:
    """TERM, then after a while KILL."""
    if stubborn := _signal_and_wait(processes, psutil.Process.terminate):
        _signal_and_wait(stubborn, psutil.Process.kill)


def _signal_and_wait(processes: list[psutil.Process], send: Callable[[psutil.Process], None]) -> list[psutil.Process]:
    """Those still there after a while. What nobody has reaped yet counts as gone."""
    marks = {process: mark for process in processes if (mark := records.started(process.pid))}
    for process in marks:
        with contextlib.suppress(psutil.NoSuchProcess):
            send(process)
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := [process for process, mark in marks.items() if records.started(process.pid) == mark]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def runs(process: psutil.Process, argv: Sequence[str]) -> bool:
    """Whether `process` runs the program of `argv`: what it started itself carries its name, and lives on without it."""
    try:
        return program(process.cmdline()) == program(argv)
    except psutil.NoSuchProcess:
        return False


def program(argv: Sequence[str]) -> tuple[str, ...]:
    """The file name of a binary, or Python's module."""
    return tuple(argv[1:3]) if "-m" in argv[1:2] else tuple(Path(word).name for word in argv[:1])


def last_lines(log: Path, count: int = LAST_LINES) -> list[str]:
    """The end of a log, empty where there is none."""
    try:
        with log.open("rb") as content:
            content.seek(0, 2)
            content.seek(max(0, content.tell() - 64 * 1024))
            return content.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []
