"""What holds for the data of every engine at each of its known releases."""

from __future__ import annotations

import re

import pytest

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import Engine, MetricType, SignalSource, Version, spelled
from headroom.catalog.engines.nim import NIM
from headroom.catalog.engines.vllm import VLLM
from headroom.catalog.signals import SIGNALS

RELEASES = [
    family.at(version)
    for family in ENGINES.values()
    for version in {family.oldest.version, *(r.since for r in family.releases), family.newest}
]
SOURCES = [(engine, name, source) for engine in RELEASES for name, source in engine.signals.items()]
_SELECTED = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{\$selector")
_PARTS = re.compile(r"_(?:sum|count|bucket)$")


def named(engine: Engine) -> str:
    return f"{engine.name} {spelled(engine.version)}"


def series(source: SignalSource) -> list[str]:
    return _SELECTED.findall(source.numerator + (source.denominator or ""))


@pytest.mark.parametrize(("engine", "name", "source"), SOURCES, ids=[f"{named(engine)} {name}" for engine, name, _ in SOURCES])
def test_a_signal_is_made_of_what_its_release_exports(engine: Engine, name: str, source: SignalSource) -> None:
    assert name in SIGNALS
    assert series(source)
    for used in series(source):
        metric = engine.metric(used) or engine.metric(_PARTS.sub("", used))
        assert metric, f"{used} is no metric of {named(engine)}"


@pytest.mark.parametrize(("engine", "name", "source"), SOURCES, ids=[f"{named(engine)} {name}" for engine, name, _ in SOURCES])
def test_counters_are_rated_and_gauges_are_not(engine: Engine, name: str, source: SignalSource) -> None:
    del name
    for expression in filter(None, (source.numerator, source.denominator)):
        for used in _SELECTED.findall(expression):
            metric = engine.metric(used)
            rated = f"rate({used}{{" in expression
            assert rated is (metric is None or metric.type is not MetricType.GAUGE), expression


@pytest.mark.parametrize(("version", "text"), [((25, 6), "25.06"), ((1, 8, 3), "1.8.3"), ((0, 32, 0), "0.32.0")])
def test_versions_are_spelled_as_tags_are(version: Version, text: str) -> None:
    assert spelled(version) == text


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3", (1, 8, 3)),
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.4-pb6", (2, 0, 4)),
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3@sha256:abc", (1, 8, 3)),
    ],
)
def test_the_tag_of_a_nim_tells_its_version(image: str, version: Version) -> None:
    assert NIM.version_of(image) == version


@pytest.mark.parametrize(("version", "path"), [((1, 3, 3), "/metrics"), ((1, 5, 0), "/v1/metrics"), ((2, 0, 0), "/v1/metrics")])
def test_nim_moved_its_metrics(version: Version, path: str) -> None:
    assert NIM.at(version).metrics_path == path


@pytest.mark.parametrize(("version", "required"), [((2, 0, 4), True), ((2, 0, 10), False)])
def test_later_nims_start_without_a_key(version: Version, required: bool) -> None:
    assert [use.required for use in NIM.at(version).secrets if use.key == "NGC_API_KEY"] == [required]


@pytest.mark.parametrize(("version", "drains"), [((0, 17, 1), False), ((0, 18, 0), True)])
def test_vllm_is_told_to_drain_where_it_can(version: Version, drains: bool) -> None:
    assert ("--shutdown-timeout=$exit" in VLLM.at(version).arguments) is drains
