"""The keys and types of a chart's values: facts read from the chart by `python -m headroom.catalog.charts.refresh`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Tree = str | Mapping[str, "Tree"]
"""What may stand at a place: words of types joined by `|`, or the keys of a mapping. The key `*` says what all other keys may hold;
a mapping without it has no other keys."""

OTHERS = "*"
ANY = "any"
"""Nothing tells the type: the chart gives no default."""
SCALAR = "scalar"
"""Text, number or boolean: the chart's default is empty text, which stands for nothing."""
LIST = "list"
MAP = "map"
"""A mapping whose keys are the user's."""


DIRECTORY = Path(__file__).parent / "values"


@dataclass(frozen=True)
class ChartFacts:
    """What is kept of a chart."""

    chart: str
    version: str
    source: tuple[str, ...]
    """Repository, path and commit of the chart and of each subchart that is not in its repository."""
    images: Mapping[str, Mapping[str, str]]
    """What the chart names each image by, by the dotted path of the mapping that does: `registry`, `repository`, `image`."""
    values: Tree


@cache
def facts(chart: str) -> ChartFacts:
    """What is kept of a chart of the catalogue, its subcharts included. A chart of definitions alone has no values and no images."""
    file = DIRECTORY / f"{chart}.json"
    if not file.exists():
        return ChartFacts(chart, "", (), {}, {})
    read = json.loads(file.read_text())
    return ChartFacts(**{**read, "source": tuple(read["source"])})
