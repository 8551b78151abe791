"""Reads the keys and types of the pinned charts' values from the charts themselves, and tells where what is kept differs from them.

`python -m headroom.catalog.charts.refresh CHART --source TEXT…` writes one, from a packed chart or its directory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from headroom.catalog.charts import CHARTS, Chart
from headroom.catalog.charts.refresh.chart import images, name_of, values_tree
from headroom.catalog.charts.tree import DIRECTORY, OTHERS, ChartFacts, Tree, facts

__all__ = ["check", "refresh"]


def refresh(chart: Path, source: Sequence[str]) -> Path:
    """Writes what is kept of a chart, and says where. Raises `KeyError` for a chart that the catalogue has not."""
    pinned = CHARTS[name_of(chart)]
    file = DIRECTORY / f"{pinned.name}.json"
    file.write_text(json.dumps(asdict(_read(pinned, chart, source)), indent=1) + "\n")
    return file


def check(directory: Path) -> list[str]:
    """Where the charts in a directory, packed as `make charts` leaves them or unpacked, differ from what is kept of them.

    A chart that is not there is passed over.
    """
    return [line for pinned in CHARTS.values() for place in _found(directory, pinned) for line in _differences(pinned, place)]


def _found(directory: Path, chart: Chart) -> list[Path]:
    places = (directory / f"{chart.name}-{chart.version}.tgz", directory / chart.name)
    return [place for place in places if place.exists()][:1]


def _read(pinned: Chart, chart: Path, source: Sequence[str]) -> ChartFacts:
    return ChartFacts(pinned.name, pinned.version, tuple(source), images(chart), values_tree(chart))


def _differences(pinned: Chart, place: Path) -> Iterator[str]:
    kept, read = facts(pinned.name), _read(pinned, place, ())
    refresh_it = f"`python -m headroom.catalog.charts.refresh {place}` writes it anew"
    for path, what in sorted(_unlike(kept.values, read.values)):
        yield f"{pinned.name} {pinned.version}: {path} {what}; {refresh_it}"
    if kept.images != read.images:
        paths = sorted(path for path in {*kept.images, *read.images} if kept.images.get(path) != read.images.get(path))
        yield f"{pinned.name} {pinned.version}: other images at {', '.join(paths)}; {refresh_it}"


def _unlike(kept: Tree, read: Tree, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(kept, str) or isinstance(read, str):
        if kept != read:
            yield path, f"is kept as {_shown(kept)}, and the chart has {_shown(read)}"
        return
    for key in {*kept, *read}:
        below = f"{path}.{key}" if path else key
        if key in kept and key in read:
            yield from _unlike(kept[key], read[key], below)
        else:
            yield below, "is kept, and the chart has it not" if key in kept else "is in the chart, and is not kept"


def _shown(tree: Any) -> str:
    return tree if isinstance(tree, str) else f"a mapping of {', '.join(key for key in tree if key != OTHERS)}"
