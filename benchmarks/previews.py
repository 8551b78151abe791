"""Prints what a preview of every stack of this repository costs, verified, judged and priced, and where the time goes.

In a throwaway checkout: a sandbox is every cluster, with its platform for the stacks that are its own and empty for the others, and
providers that record are the clouds. The stacks are made already. What a cloud takes to answer is not in it.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import yaml
from pulumi.automation import EngineEvent
from rich.console import Console
from rich.table import Table

from benchmarks.watch import KINDS, RECORDERS, Watch
from headroom import tools
from headroom.automation.driver import Operation, Outcome
from headroom.automation.engine import Engine
from headroom.automation.redaction import Redactor
from headroom.automation.run import Request, run, side_by_side
from headroom.desired import render
from headroom.paths import Clone
from headroom.plugins.environment import environment
from headroom.plugins.install import install
from headroom.plugins.recording.install import install as install_recording
from headroom.plugins.recording.sandbox import VARIABLE
from headroom.report import comment
from headroom.report.changes import Report
from headroom.report.price import prices
from headroom.report.stack_places import findings_in_file
from headroom.sandbox import Sandbox
from headroom.sandbox.layout import Layout
from headroom.settings import load
from headroom.settings.cluster import KwokCluster
from tests import key_service
from tests.clouds import charts
from tests.clouds.account import Account
from tests.clouds.conftest import MIRROR
from tests.stacks.checkout import copy

_BASE = "prod-cluster"
"""Other stacks ask for its outputs: it is there before anything is measured."""
_WARMING = ("dev-aks", "dev-gke")
"""With that one, a stack of each cloud: the first program that reads a cloud's SDK compiles it."""
_T = TypeVar("_T")
_PHASES = ("selected", "program began", "planned", "judged and priced")


@dataclass
class _Clock:
    """Notes when each stack came how far: a `Progress` that shows what is done."""

    times: dict[str, list[float]] = field(default_factory=dict)

    def begun(self, stack: str) -> None:
        self.times[stack] = [time.perf_counter()]

    def heard(self, stack: str, event: EngineEvent) -> None:
        came = self.times[stack]
        if event.prelude_event or (len(came) == 2 and event.resource_pre_event) or event.summary_event:
            came.append(time.perf_counter())

    def said(self, stack: str, line: str) -> None:
        pass

    def done(self, stack: str, outcome: Outcome) -> None:
        self.times.setdefault(stack, []).append(time.perf_counter())
        print(f"{stack}: {sum(self.phases(stack)):.0f} s", file=sys.stderr, flush=True)

    def phases(self, stack: str) -> list[float]:
        """Seconds from one to the next; fewer than there are phases where the stack failed on the way."""
        came = self.times.get(stack, [])
        return [after - before for before, after in pairwise(came)]


@dataclass(frozen=True)
class _Measured:
    outcomes: dict[str, Outcome]
    clock: _Clock
    wall: float
    processor: float
    kinds: dict[str, float]


def main(policy: Annotated[bool, typer.Option(help="judge by the policy pack too")] = True) -> None:
    """Preview every stack of this repository, and print where the time goes."""
    console = Console(soft_wrap=True)
    with _account() as account:
        settings = {name: load(account.clone.stack_file(name)) for name in account.clone.stacks}
        sandboxed = tuple(name for name, stack in settings.items() if isinstance(stack.cluster, KwokCluster))
        clouds = tuple(name for name in settings if name not in sandboxed)
        packs = (account.clone.root / "policy",) if policy else ()
        _make(account.clone, sandboxed, clouds)
        for name in sandboxed:
            account.sandbox.up(stack=name, report=lambda _: None)
        parts = [_run(account.clone, Request(Operation.PREVIEW, sandboxed, side_by_side(), policy_packs=packs))]
        account.begin("l4")
        for name in clouds:
            _take_charts_from(MIRROR, account.clone.stack_file(name))
        _run(account.clone, Request(Operation.UP, (_BASE,)))
        _run(account.clone, Request(Operation.PREVIEW, _WARMING))
        parts.append(_run(account.clone, Request(Operation.PREVIEW, clouds, side_by_side(), policy_packs=packs)))
        outcomes = {name: outcome for part in parts for name, outcome in part.outcomes.items()}
        console.print(_by_stack(parts))
        for name, outcome in outcomes.items():
            if outcome.changes.problem:
                console.print(f"{name}: {outcome.changes.problem}", markup=False)
        wall, processor = sum(part.wall for part in parts), sum(part.processor for part in parts)
        judged = "judged by the policy pack" if policy else "without the policy pack"
        console.print(f"{len(outcomes)} stacks, {side_by_side()} at a time, {judged}: {wall:.0f} s, {processor:.0f} s of processor time")
        kinds = {kind: sum(part.kinds[kind] for part in parts) for kind in KINDS.values()}
        console.print("of it: " + ", ".join(f"{kind} {seconds:.0f} s" for kind, seconds in kinds.items()))
        own, processors = processor - kinds[RECORDERS], os.cpu_count() or 1
        console.print(f"without {RECORDERS}: {own:.0f} s, {own / processors:.0f} s on {processors} processors that never wait")
        console.print(_in_python(account.clone, tuple(settings), outcomes))


def _make(clone: Clone, sandboxed: Sequence[str], clouds: Sequence[str]) -> None:
    """The stacks, as a team has them: made once, their secrets kept by a key service where they have none of a passphrase's."""
    engine = Engine(clone)
    for name in (*sandboxed, *clouds):
        file = clone.stack_file(name)
        if "secure:" not in file.read_text():
            file.write_text(yaml.safe_dump(key_service.kept_by_it(yaml.safe_load(file.read_text())), sort_keys=False))
        engine.select(name, sandboxed=name in sandboxed)


def _take_charts_from(directory: str, file: Path) -> None:
    """Of a stack whose cluster is there, a preview reads the charts: not from the internet here."""
    written = yaml.safe_load(file.read_text())
    written["config"].setdefault("headroom:platform", {})["charts"] = {"source": directory}
    file.write_text(yaml.safe_dump(written, sort_keys=False))


def _run(clone: Clone, request: Request) -> _Measured:
    clock, began, used = _Clock(), time.perf_counter(), _processor()
    with Watch() as watch:
        outcomes = run(clone, request, Redactor(), clock)
    return _Measured(outcomes, clock, time.perf_counter() - began, _processor() - used, watch.spent())


def _processor() -> float:
    """Seconds of processor time of this process and of all that it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def _by_stack(parts: Sequence[_Measured]) -> Table:
    table = Table(title="Seconds of wall time, several stacks at a time", title_justify="left")
    for column in ("stack", "resources", *_PHASES, "together"):
        table.add_column(column, justify="left" if column == "stack" else "right")
    sums = [0.0] * len(_PHASES)
    for measured, stack in ((part, name) for part in parts for name in part.outcomes):
        phases = measured.clock.phases(stack)
        sums = [before + found for before, found in zip(sums, [*phases, 0, 0, 0, 0], strict=False)]
        shown = [f"{seconds:.1f}" for seconds in phases] + ["–"] * (len(_PHASES) - len(phases))
        table.add_row(stack, str(len(measured.outcomes[stack].changes.steps)), *shown, f"{sum(phases):.1f}")
    table.add_section()
    table.add_row("all", "", *(f"{seconds:.1f}" for seconds in sums), f"{sum(sums):.1f}")
    return table


def _in_python(clone: Clone, names: Sequence[str], outcomes: Mapping[str, Outcome]) -> str:
    """What of it is ours alone, one after the other: no Pulumi in it."""
    files = [clone.stack_file(name) for name in names]
    loaded, reading = _timed(lambda: [load(file) for file in files])
    rendered, rendering = _timed(lambda: [render(settings) for settings in loaded])
    together = list(zip(loaded, rendered, files, strict=True))
    _, finding = _timed(lambda: [findings_in_file(settings, desired, file, security=True) for settings, desired, file in together])
    _, pricing = _timed(lambda: [prices(settings) for settings in loaded])
    report = Report("preview", tuple(outcome.changes for outcome in outcomes.values()))
    _, writing = _timed(lambda: comment.markdown(report))
    parts = {"reading": reading, "rendering": rendering, "verifying": finding, "pricing": pricing, "the comment": writing}
    return "of it in Python, no Pulumi: " + ", ".join(f"{what} {seconds:.1f} s" for what, seconds in parts.items())


def _timed(act: Callable[[], _T]) -> tuple[_T, float]:
    began = time.perf_counter()
    return act(), time.perf_counter() - began


@contextmanager
def _account() -> Iterator[Account]:
    """A checkout with all that a preview of any stack asks for, and this process's environment as it needs it."""
    tools.require("helm", "pulumi", "kubectl")
    with tempfile.TemporaryDirectory(prefix="headroom-") as directory:
        places = [Path(directory) / name for name in ("checkout", "recording", "programs")]
        for place in places:
            place.mkdir()
        clone = copy(places[0])
        sandbox = Sandbox(clone)
        try:
            installation = install(clone)
            install_recording(clone.pulumi_home)
            charts.publish(clone.root / MIRROR)
            around = environment(clone, official=installation.official) | key_service.environment()
            around |= {
                "PULUMI_HOME": str(clone.pulumi_home),
                VARIABLE: str(places[1]),
                "SSL_CERT_FILE": str(Layout(clone).certificate("ca")),
            }
            around["PATH"] = f"{places[2]}{os.pathsep}{around['PATH']}"
            os.environ.update(around)
            # The SDKs are large: compiled once, they are read by every program and plugin.
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            yield Account(clone, sandbox, places[1], places[2], around)
        finally:
            sandbox.down(report=lambda _: None)


if __name__ == "__main__":
    typer.run(main)
