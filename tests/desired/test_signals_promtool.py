"""Every signal of every engine's releases as Prometheus evaluates its rules: reset, twin, models, silence, gaps, a restart, pods."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import Engine, EngineFamily
from headroom.desired.objects import Object
from tests.desired.promtool import Group, Question, outcomes
from tests.desired.signal_cases import CASES, Case, Look, Range, expected, given
from tests.desired.signal_engines import (
    KALDI,
    NEW_KALDI,
    NEW_NIM,
    NIM,
    OLD_VLLM,
    RELEASES,
    RIVA,
    TENSORRT_LLM,
    TORCHSERVE,
    TRITON,
    VLLM,
    Release,
)
from tests.desired.stacks import server_of, written
from tests.evidence import Proof

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves(
        "every signal of every engine's releases through resets, twin series, several models, silence, gaps and several pods", Proof.REAL
    ),
]


def applying() -> Iterator[tuple[Release, str, Case]]:
    for release in RELEASES:
        for signal in release.signals:
            for case in CASES:
                if case.reason_against(release, signal) is None:
                    yield release, signal, case


@cache
def rules(title: str, named: bool) -> Object:
    """Those of a server that is held at all of its engine's signals."""
    (release,) = (release for release in RELEASES if release.title == title)
    autoscaling = {"backend": "hpa", "replicas": {"max": 4}, "signals": {signal: written(signal, 0.5) for signal in release.signals}}
    settings: dict[str, Any] = {**release.settings, **({"model": release.model} if named else {})}
    with tempfile.TemporaryDirectory() as directory:
        return server_of(Path(directory), release.engine, release.image, autoscaling=autoscaling, **settings)["rules"]


def question(record: str, of: dict[str, Range], look: Look) -> Question:
    """promtool asks for one number: where a range is expected, how far beyond it the value is."""
    if all(each.low == each.high for each in of.values()):
        return Question(record, look.time, {pod: each.low for pod, each in of.items()})
    (each,) = set(of.values())
    return Question(f"({record} - clamp({record}, {each.low!r}, {each.high!r}))", look.time, dict.fromkeys(of, 0))


def group(release: Release, signal: str, case: Case) -> Group:
    questions = [question(record, of, look) for look in case.looks(signal) for record, of in expected(release, case, signal, look).items()]
    return Group(f"{signal}: {case.name}", given(release, case), questions)


def evaluated(release: Release, asked: Sequence[tuple[str, Case]], broken: Callable[[str], str] = str) -> dict[str, str]:
    """One run of promtool: by group what it has to say against it. The server names its model where the cases are about that."""
    (named,) = {case.named for _, case in asked}
    recorded = rules(release.title, named)["spec"]["groups"][0]
    recorded = {**recorded, "rules": [{**rule, "expr": broken(rule["expr"])} for rule in recorded["rules"]]}
    with tempfile.TemporaryDirectory() as directory:
        return outcomes([recorded], [group(release, signal, case) for signal, case in asked], Path(directory))


@cache
def said(title: str, named: bool) -> dict[str, str]:
    """Of all that applies to a release."""
    (release,) = (release for release in RELEASES if release.title == title)
    return evaluated(release, [(signal, case) for of, signal, case in applying() if of is release and case.named == named])


@pytest.mark.parametrize(
    ("release", "signal", "case"),
    list(applying()),
    ids=[f"{release.title} {signal}: {case.name}" for release, signal, case in applying()],
)
def test_a_signal_is_what_its_pods_load_says(release: Release, signal: str, case: Case) -> None:
    assert said(release.title, case.named)[f"{signal}: {case.name}"] == "", case.because


def engine(release: Release) -> Engine:
    family = ENGINES[release.engine]
    version = release.settings.get("version")
    return family.at(tuple(map(int, version.split("."))) if version else family.version_of(release.image))


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.title)
def test_every_signal_of_a_release_has_cases(release: Release) -> None:
    assert set(release.signals) == set(engine(release).signals)


@pytest.mark.parametrize("family", ENGINES.values(), ids=ENGINES)
def test_every_release_that_reads_its_signals_in_its_own_way_has_cases(family: EngineFamily) -> None:
    known = [engine(release).signals for release in RELEASES if release.engine == family.name]
    assert [
        version
        for version in (family.oldest.version, *(later.since for later in family.releases))
        if family.at(version).signals not in known
    ] == []


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.title)
def test_what_does_not_apply_is_said_of_something_that_there_is(release: Release) -> None:
    names = {case.name for case in CASES}
    assert release.without.keys() <= names
    for reasons in release.without.values():
        assert isinstance(reasons, str) or reasons.keys() <= set(release.signals)


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.title)
def test_an_engine_has_a_twin_or_says_that_it_has_none(release: Release) -> None:
    (twin,) = (case for case in CASES if case.twin)
    exported = len(given(release, twin)) > len(given(release, replace(twin, twin=False)))
    assert exported == any(twin.reason_against(release, signal) is None for signal in release.signals)


@dataclass(frozen=True)
class Break:
    """A change of the rules that one of the cases is there to see."""

    release: Release
    signal: str
    case: str
    old: str
    new: str

    @property
    def title(self) -> str:
        return f"{self.release.title} {self.signal}: {self.case}"


BREAKS = (
    Break(TRITON, "queue-time", "steady load", r" / 1e6", " / 1e3"),
    Break(VLLM, "queue-length", "counter reset", r"rate\(", "deriv("),
    Break(RIVA, "queue-compute-ratio", "counter reset", r"rate\(", "deriv("),
    Break(KALDI, "streams", "idle twin", r"sum by", "avg by"),
    Break(TRITON, "requests-waiting", "idle twin", r"sum by", "avg by"),
    Break(VLLM, "kv-cache-usage", "idle twin", r"max by \(namespace, pod, server\)", "avg by (namespace, pod, server)"),
    Break(NEW_NIM, "queue-time", "several models", r"sum by", "min by"),
    Break(RIVA, "queue-time", "several models", r', model=~"[^"]*"', ""),
    Break(TENSORRT_LLM, "queue-length", "several models", r', model="[^"]*"', ""),
    Break(VLLM, "requests-running", "several models", r', model_name="[^"]*"', ""),
    Break(NIM, "requests-waiting", "named model", r', model_name="[^"]*"', ""),
    Break(TORCHSERVE, "queue-time", "zero traffic", r", 0\.001\)", ", 0)"),
    Break(NEW_KALDI, "queue-length", "one missing scrape", r"\[60s\]", "[30s]"),
    Break(TENSORRT_LLM, "requests-running", "one missing scrape", r"(nv_trt_llm\w+{[^}]*})", r"last_over_time(\1[2m])"),
    Break(TRITON, "requests-waiting", "restart of Prometheus", r" and on .* >= 3", ""),
    Break(TRITON, "queue-time", "restart of Prometheus", r" >= 3", " >= 1"),
    Break(TORCHSERVE, "queue-length", "restart of Prometheus", r"\[60s\]", "[600s]"),
    Break(OLD_VLLM, "kv-cache-usage", "two pods", r"avg by", "sum by"),
    Break(RIVA, "queue-compute-ratio", "two pods", r"sum by", "max by"),
)


@pytest.mark.parametrize("wrong", BREAKS, ids=lambda wrong: f"{wrong.title}, {wrong.new!r} for {wrong.old!r}")
def test_a_rule_that_is_wrong_is_seen(wrong: Break) -> None:
    (case,) = (case for case in CASES if case.name == wrong.case)
    assert evaluated(wrong.release, [(wrong.signal, case)], partial(re.sub, wrong.old, wrong.new))[f"{wrong.signal}: {case.name}"] != ""
