"""One operation over several stacks: made ready one after the other, previewed side by side, changed in the order of who needs whom."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil
from pulumi.automation import EngineEvent

from headroom.automation.driver import Operation, Outcome, StackRun
from headroom.automation.engine import Engine, Options, PulumiFailed, unreadable_events
from headroom.automation.redaction import Redactor
from headroom.paths import Clone
from headroom.report.changes import StackChanges
from headroom.settings import InvalidStack, Stack
from headroom.settings.cluster import ExistingCluster
from headroom.tools import ToolError


class Progress(Protocol):
    """Is told what happens, from several threads."""

    def begun(self, stack: str) -> None: ...
    def heard(self, stack: str, event: EngineEvent) -> None: ...
    def said(self, stack: str, line: str) -> None: ...
    def done(self, stack: str, outcome: Outcome) -> None: ...


@dataclass(frozen=True)
class Request:
    """What is asked for. Plans lie in a directory, each under the name of its stack."""

    operation: Operation
    stacks: tuple[str, ...]
    parallel: int = 1
    policy_packs: tuple[Path, ...] = ()
    save_plans: Path | None = None
    plans: Path | None = None
    refresh: bool = False
    judged: bool = False
    """Whether nothing is done where the verifier finds an error."""

    def options(self, stack: str) -> Options:
        save, use = (plan_of(directory, stack) if directory else None for directory in (self.save_plans, self.plans))
        return Options(self.policy_packs, save_plan=save, plan=use, refresh=self.refresh)


def plan_of(directory: Path, stack: str) -> Path:
    return (directory / f"{stack}.json").absolute()


def run(clone: Clone, request: Request, redact: Redactor, progress: Progress) -> dict[str, Outcome]:
    """What became of each stack, in the order asked for.

    A stack file that is wrong, or an error of the verifier where it is asked, keeps everything from being changed, and nothing from being
    previewed. Raises `ToolError` when there is no Pulumi to be had.
    """
    runs, outcomes = _loaded(clone, request, redact, progress)
    if runs and not (outcomes and request.operation.changes):
        engine = Engine(clone)
        if len(runs) > 1:
            engine.look()
        with unreadable_events(lambda line: progress.said("", line)):
            outcomes |= _all(_in_order(runs, request.operation), request, engine, progress)
    return {name: outcomes.get(name) or _untouched(name, outcomes.values()) for name in request.stacks}


def _loaded(clone: Clone, request: Request, redact: Redactor, progress: Progress) -> tuple[list[StackRun], dict[str, Outcome]]:
    runs: list[StackRun] = []
    wrong: dict[str, Outcome] = {}
    for name in request.stacks:
        try:
            run = StackRun(clone, name, request.operation, redact, lambda line, name=name: progress.said(name, line))
        except InvalidStack as problems:
            wrong[name] = Outcome(StackChanges(name, problem=str(problems)))
        else:
            runs.append(run)
            if request.judged and (errors := run.errors()):
                wrong[name] = Outcome(StackChanges(name, findings=errors))
        if name in wrong:
            progress.done(name, wrong[name])
    return runs, wrong


def needs(stack: Stack) -> str | None:
    """The stack that makes a stack's cluster, by its short name."""
    cluster = stack.cluster
    return cluster.stack.rpartition("/")[2] if isinstance(cluster, ExistingCluster) and cluster.stack else None


def in_order(needed: Mapping[str, str | None]) -> list[str]:
    """Stacks by whom each needs: nobody before whom it needs, and otherwise as they were named."""

    def depth(name: str, seen: tuple[str, ...] = ()) -> int:
        other = needed.get(name)
        return 0 if other is None or other in seen else 1 + depth(other, (*seen, name))

    return sorted(needed, key=depth)


def _in_order(runs: Sequence[StackRun], operation: Operation) -> list[StackRun]:
    by_name = {run.name: run for run in runs}
    ordered = [by_name[name] for name in in_order({name: needs(run.settings) for name, run in by_name.items()})]
    return ordered[::-1] if operation is Operation.DESTROY else ordered


def _all(runs: Sequence[StackRun], request: Request, engine: Engine, progress: Progress) -> dict[str, Outcome]:
    stopped = threading.Event()
    selecting = threading.Lock()

    def one(run: StackRun) -> Outcome:
        if stopped.is_set():
            return _not_run(run.name, "not run: what came before it failed, or was interrupted")
        progress.begun(run.name)
        try:
            outcome = _run(run, request.options(run.name), engine, selecting, progress)
        except BaseException:
            stopped.set()
            raise
        if outcome.changes.problem and request.operation.changes:
            stopped.set()
        progress.done(run.name, outcome)
        return outcome

    with _ended_gently(stopped, progress), ThreadPoolExecutor(1 if request.operation.changes else request.parallel) as pool:
        futures = {run.name: pool.submit(one, run) for run in runs}
        return {name: future.result() for name, future in futures.items()}


def _run(run: StackRun, options: Options, engine: Engine, selecting: threading.Lock, progress: Progress) -> Outcome:
    try:
        with selecting:
            run.select(engine)
    except (PulumiFailed, ToolError) as failure:
        return run.failed(str(failure))
    return run.run(engine, options, lambda event: progress.heard(run.name, event))


def _untouched(name: str, outcomes: Iterable[Outcome]) -> Outcome:
    """Of a stack that is right itself, where others are not."""
    if any(outcome.changes.problem for outcome in outcomes):
        return _not_run(name, "not run: another stack's file is wrong, and nothing is changed before all are right")
    return Outcome(StackChanges(name, incomplete="not run: another stack has an error, and nothing is changed before all are right"))


def _not_run(name: str, why: str) -> Outcome:
    return Outcome(StackChanges(name, problem=why))


@contextmanager
def _ended_gently(stopped: threading.Event, progress: Progress) -> Iterator[None]:
    """An interrupt, which Pulumi gets too, keeps what has not begun from beginning; Pulumi ends what it has begun.

    A request to end, as CI sends it to this process alone, is handed on to the Pulumi that is waited for.
    """

    def end(number: int, frame: object) -> None:
        stopped.set()
        if number == signal.SIGTERM:
            for child in psutil.Process().children():
                # It may end just now.
                with suppress(psutil.Error):
                    if "pulumi" in child.name():
                        child.send_signal(signal.SIGINT)
        progress.said("", "interrupted: Pulumi ends what it has begun, so that the state is right; once more stops it at once")

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def side_by_side() -> int:
    """How many previews keep this machine busy."""
    return os.cpu_count() or 1
