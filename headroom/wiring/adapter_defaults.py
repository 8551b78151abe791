"""The discovery rules that the chart prometheus-adapter adds by itself (`rules.default`, true unless switched off).

Source: prometheus-community/helm-charts charts/prometheus-adapter/templates/configmap.yaml.
"""

from __future__ import annotations

from typing import Any

_CONTAINER = '{__name__=~"^container_.*",container!="POD",namespace!="",pod!=""}'
_OTHER = '{namespace!="",__name__!~"^container_.*"}'
_POD = {"overrides": {"namespace": {"resource": "namespace"}, "pod": {"resource": "pod"}}}
_ANY = {"template": "<<.Resource>>"}
_SUM = "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"
_RATE = "sum(rate(<<.Series>>{<<.LabelMatchers>>}[5m])) by (<<.GroupBy>>)"


def _rule(series: str, resources: dict[str, Any], query: str, matches: str, is_not: str | None = None) -> dict[str, Any]:
    return {
        "seriesQuery": series,
        "seriesFilters": [] if is_not is None else [{"isNot": is_not}],
        "resources": resources,
        "name": {"matches": matches, "as": ""},
        "metricsQuery": query,
    }


_CONTAINER_SUM, _CONTAINER_RATE = (query.replace("Matchers>>", 'Matchers>>,container!="POD"') for query in (_SUM, _RATE))

DEFAULT_RULES: tuple[dict[str, Any], ...] = (
    _rule(_CONTAINER, _POD, _CONTAINER_RATE, "^container_(.*)_seconds_total$"),
    _rule(_CONTAINER, _POD, _CONTAINER_RATE, "^container_(.*)_total$", "^container_.*_seconds_total$"),
    _rule(_CONTAINER, _POD, _CONTAINER_SUM, "^container_(.*)$", "^container_.*_total$"),
    _rule(_OTHER, _ANY, _SUM, "", ".*_total$"),
    _rule(_OTHER, _ANY, _RATE, "^(.*)_total$", ".*_seconds_total"),
    _rule(_OTHER, _ANY, _RATE, "^(.*)_seconds_total$"),
)
