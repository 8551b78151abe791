"""The Prometheus text format: families of series, written and read back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headroom.sandbox.engines.histogram import Histogram

CONTENT_TYPE = "text/plain; charset=utf-8"
_SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Family:
    """A metric: `samples` are its series, as (labels, value)."""

    name: str
    type: str
    help: str
    samples: tuple[tuple[Labels, float], ...] = ()


@dataclass(frozen=True)
class HistogramFamily:
    """A histogram: `samples` are its series, as (labels, observations)."""

    name: str
    help: str
    samples: tuple[tuple[Labels, Histogram], ...] = ()


def written(families: Iterable[Family | HistogramFamily]) -> str:
    return "".join(line + "\n" for family in families for line in _lines(family))


def _lines(family: Family | HistogramFamily) -> Iterable[str]:
    kind = family.type if isinstance(family, Family) else "histogram"
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {kind}"
    if isinstance(family, Family):
        for labels, value in family.samples:
            yield _line(family.name, labels, value)
        return
    for labels, observed in family.samples:
        for bound, count in observed.buckets():
            yield _line(f"{family.name}_bucket", {"le": bound, **labels}, count)
        yield _line(f"{family.name}_count", labels, observed.count)
        yield _line(f"{family.name}_sum", labels, observed.sum)


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {_number(value)}" if inside else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def read(text: str) -> dict[str, Family]:
    """Families by name. A histogram's parts are families of their own: `x_bucket`, `x_count`, `x_sum`."""
    families: dict[str, Family] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, _, help_text = line.removeprefix("# HELP ").partition(" ")
            families[name] = Family(name, "untyped", help_text)
        elif line.startswith("# TYPE "):
            name, _, kind = line.removeprefix("# TYPE ").partition(" ")
            families[name] = Family(name, kind, families[name].help)
        elif match := _SAMPLE.match(line):
            old = families.get(match["name"]) or _part(families, match["name"])
            sample = (dict(_LABEL.findall(match["labels"] or "")), float(match["value"]))
            families[old.name] = Family(old.name, old.type, old.help, (*old.samples, sample))
    return families


def _part(families: Mapping[str, Family], name: str) -> Family:
    whole = families[name.rpartition("_")[0]]
    return Family(name, whole.type, whole.help)
