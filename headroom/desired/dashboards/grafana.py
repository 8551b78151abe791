"""Grafana's dashboard model, as much of it as our panels need, and nothing that Grafana fills in by itself.

Source of the fields: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/; of the units:
grafana/grafana packages/grafana-data/src/valueFormats/categories.ts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

SCHEMA_VERSION = 39
"""Of Grafana 10.3; later ones bring an older model up to date when they load it."""

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
"""Columns of Grafana's grid."""

RANGE = "$__rate_interval"
"""Grafana fills in a range that holds four scrapes at any zoom."""

UNITS: Mapping[str, str] = {
    "seconds": "s",
    "microseconds": "µs",
    "milliseconds": "ms",
    "bytes": "bytes",
    "ratio": "percentunit",
    "percent": "percent",
    "yes or no": "bool_yes_no",
    "requests per second": "reqps",
    "bytes per second": "Bps",
    "per second": "cps",
}
"""Grafana's names of the units that a panel may have; every other quantity is a plain number."""

_HEIGHT = 8
_LIMIT = ({"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 8]}}, {"id": "custom.fillOpacity", "value": 0})


@dataclass(frozen=True)
class Query:
    """One PromQL expression of a panel; a `limit` is drawn as a dashed line."""

    expr: str
    legend: str
    limit: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines over time. `unit` is a key of `UNITS`, or any other word for a plain number."""

    title: str
    description: str
    unit: str
    queries: Sequence[Query]
    width: int = 8


@dataclass(frozen=True)
class Row:
    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Variable:
    """A choice at the top of a dashboard: values of `label` in the series that `selector` selects."""

    label: str
    selector: str


@dataclass(frozen=True)
class Dashboard:
    uid: str
    title: str
    description: str
    variables: Sequence[Variable]
    rows: Sequence[Row]

    @property
    def panels(self) -> tuple[Panel, ...]:
        return tuple(panel for row in self.rows for panel in row.panels)

    def text(self) -> str:
        """The model as JSON, a line per panel: what changes of a panel is one line in a review."""
        model = self.model()
        panels = ",\n".join(json.dumps(panel, ensure_ascii=False) for panel in model.pop("panels"))
        head = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in model.items())
        return f'{{\n{head},\n"panels": [\n{panels}\n]\n}}\n'

    def model(self) -> Json:
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["headroom"],
            "schemaVersion": SCHEMA_VERSION,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "templating": {"list": [_datasource(), *map(_variable, self.variables)]},
            "panels": list(_laid_out(self.rows)),
        }


def _datasource() -> Json:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _variable(variable: Variable) -> Json:
    query = f"label_values({variable.selector}, {variable.label})"
    return {
        "name": variable.label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": variable.label},
        "definition": query,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _laid_out(rows: Sequence[Row]) -> Iterator[Json]:
    number, top = 0, 0
    for row in rows:
        number += 1
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "gridPos": _place(0, top, WIDTH, 1), "panels": []}
        top, left = top + 1, 0
        for panel in row.panels:
            if left + panel.width > WIDTH:
                top, left = top + _HEIGHT, 0
            number += 1
            yield _panel(number, panel, _place(left, top, panel.width, _HEIGHT))
            left += panel.width
        top += _HEIGHT


def _place(x: int, y: int, width: int, height: int) -> Json:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(number: int, panel: Panel, place: Json) -> Json:
    refs = {chr(ord("A") + index): query for index, query in enumerate(panel.queries)}
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": place,
        "fieldConfig": {
            "defaults": {
                "unit": UNITS.get(panel.unit, "short"),
                "min": 0,
                "custom": {"fillOpacity": 10, "lineInterpolation": "stepAfter", "showPoints": "never"},
            },
            "overrides": [
                {"matcher": {"id": "byFrameRefID", "options": ref}, "properties": list(_LIMIT)}
                for ref, query in refs.items()
                if query.limit
            ],
        },
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": [
            {"refId": ref, "datasource": DATASOURCE, "expr": query.expr, "legendFormat": query.legend, "range": True}
            for ref, query in refs.items()
        ],
    }
