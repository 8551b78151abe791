"""The Prometheus text format: families of series, written and read back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


def written(families: Iterable[Family]) -> str:
    return "".join(line + "\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.type}"
    for labels, value in family.samples:
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{family.name}{{{inside}}} {_number(value)}" if inside else f"{family.name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def read(text: str) -> dict[str, Family]:
    """Families by name, of counters and gauges."""
    families: dict[str, Family] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, _, help_text = line.removeprefix("# HELP ").partition(" ")
            families[name] = Family(name, "untyped", help_text)
        elif line.startswith("# TYPE "):
            name, _, kind = line.removeprefix("# TYPE ").partition(" ")
            families[name] = Family(name, kind, families[name].help)
        elif match := _SAMPLE.match(line):
            old = families[match["name"]]
            sample = (dict(_LABEL.findall(match["labels"] or "")), float(match["value"]))
            families[old.name] = Family(old.name, old.type, old.help, (*old.samples, sample))
    return families
