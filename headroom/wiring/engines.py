"""Which engine a container runs, and what the catalogue knows of a series by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import Engine, EngineFamily, Metric, MetricType, UnknownVersion
from headroom.catalog.images import is_one_of, repository_and_tag
from headroom.wiring import exporters
from headroom.wiring.facts import Container, Workload
from headroom.wiring.programs import programs
from headroom.wiring.values import Unknown

_SLIP = 0.9
"""Names of one prefix that are as alike as this are the same name with a slip: `_us` for `_ms`, a missing letter, an added `_total`."""
_OPTIONAL = ("histogram", "summary")
"""Families that some engines export only when told to, under names like those of the counters."""

_PART = re.compile(r"(.+)_(?:bucket|count|sum)")


@dataclass(frozen=True, eq=False)
class Running:
    """An engine in a container. `engine` has the newest known facts where the version cannot be told."""

    container: Container
    family: EngineFamily
    engine: Engine
    version_known: bool


def running(workload: Workload) -> Running | None:
    """The engine that a workload's pods serve with; None where no container runs one of the catalogue's, and for a Job, which ends."""
    if workload.ref.kind == "Job":
        return None
    return next((found for container in workload.containers if (found := _in_container(container))), None)


def _in_container(container: Container) -> Running | None:
    """Where several engines have one repository, the tag tells them apart; the plainest comes last in the catalogue."""
    found = [
        _at_version(family, container)
        for family in ENGINES.values()
        if _is_image_of(family, container) or _is_command_of(family, container)
    ]
    return next((one for one in found if one.version_known), found[-1] if found else None)


def _at_version(family: EngineFamily, container: Container) -> Running:
    try:
        version = family.version_of(container.image if isinstance(container.image, str) else "")
    except UnknownVersion:
        return Running(container, family, family.at(family.newest), version_known=False)
    return Running(container, family, family.at(version), version_known=True)


def _is_image_of(family: EngineFamily, container: Container) -> bool:
    if not isinstance(container.image, str):
        return False
    return is_one_of(repository_and_tag(container.image)[0], family.oldest.image)


def _is_command_of(family: EngineFamily, container: Container) -> bool:
    words = [word for word in (*container.command, *container.arguments) if isinstance(word, str)]
    return not _programs()[family.name].isdisjoint(programs(words))


@cache
def _programs() -> dict[str, frozenset[str]]:
    """The programs that each engine's own command line starts."""
    return {name: programs((*family.oldest.command, *family.oldest.arguments)) for name, family in ENGINES.items()}


@lru_cache(maxsize=4096)
def known_metric(name: str) -> Metric | None:
    """The metric of that name in any engine of the catalogue, at any version, or in an exporter."""
    found = (exported(engine, name) for family in ENGINES.values() for engine in _versions(family))
    return next((metric for metric in found if metric), exporters.METRICS.get(name))


def exported(engine: Engine, name: str) -> Metric | None:
    """The metric of that name that an engine exports. The parts of a histogram are counters."""
    if metric := engine.metric(name):
        return metric
    whole = _PART.fullmatch(name)
    histogram = engine.metric(whole[1]) if whole else None
    if histogram is None or histogram.type is not MetricType.HISTOGRAM:
        return None
    labels = (*histogram.labels, "le") if name.endswith("_bucket") else histogram.labels
    return replace(histogram, name=name, type=MetricType.COUNTER, labels=labels)


def _versions(family: EngineFamily) -> tuple[Engine, ...]:
    return (family.oldest, *(family.at(release.since) for release in family.releases))


@lru_cache(maxsize=4096)
def families_of_metric(name: str) -> tuple[EngineFamily, ...]:
    """The engines that export a metric of that name at any version: one is often built on another, and has its metrics."""
    return tuple(family for family in ENGINES.values() if any(exported(engine, name) for engine in _versions(family)))


def meant_metric(name: str) -> str | None:
    """The engine's metric of which a name is a slip; None where it is like none."""
    if known_metric(name) or any(part in name for part in _OPTIONAL):
        return None
    known = [metric.name for family in ENGINES.values() for metric in family.oldest.metrics]
    kin = [candidate for candidate in known if candidate.partition("_")[0] == name.partition("_")[0]]
    likeness, best = max(((SequenceMatcher(None, name, candidate).ratio(), candidate) for candidate in kin), default=(0, None))
    return best if likeness >= _SLIP else None


def split_label(name: str) -> str | None:
    """The label by which one pod has several series of a metric: the models it serves."""
    metric = known_metric(name)
    having = (family.oldest.model_label for family in ENGINES.values() if family.oldest.metric(name))
    return next((label for label in having if label and metric and label in metric.labels), None)


def metric_type(name: str) -> MetricType | None:
    """Counter, gauge or histogram: from the catalogue, else from the suffixes that OpenMetrics reserves; None where neither tells."""
    if metric := known_metric(name):
        return metric.type
    return MetricType.COUNTER if name.endswith(("_total", "_bucket")) else None


def metrics_port(found: Running) -> int | Unknown:
    """The port on which the engine exports its metrics: the flag that sets it, where the container passes one, else its own."""
    number = found.engine.port(found.engine.metrics_port).number
    return _flag(found, str(number), number)


def exit_seconds(found: Running) -> int | Unknown | None:
    """How long the engine is told to wait for requests in flight; None where the container does not say."""
    flag = next((word.partition("=")[0] for word in found.engine.arguments if word.endswith("=$exit")), None)
    return None if flag is None else _given(found, flag)


def _flag(found: Running, standing: str, otherwise: int) -> int | Unknown:
    """The value of the flag that the catalogue's arguments set to `standing`."""
    flag = next((word.partition("=")[0] for word in found.engine.arguments if word.endswith(f"={standing}")), None)
    given = None if flag is None else _given(found, flag)
    return otherwise if given is None else given


def _given(found: Running, flag: str) -> int | Unknown | None:
    words = (*found.container.command, *found.container.arguments)
    if any(isinstance(word, Unknown) for word in words):
        return Unknown("an argument of the container cannot be read")
    text = " ".join(str(word) for word in words)
    match = re.search(rf"{re.escape(flag)}[= ](\S+)", text)
    if match is None:
        return None
    return int(match[1]) if match[1].isdigit() else Unknown(f"{flag} is {match[1]}")
