"""What prometheus-adapter makes of its rules."""

from __future__ import annotations

import pytest

from headroom.wiring import Document, adapter
from headroom.wiring.facts import AdapterRule
from headroom.wiring.gather import gather
from headroom.wiring.values import Unknown

BY_POD = {"overrides": {"namespace": {"resource": "namespace"}, "pod": {"resource": "pod"}}}
SUM = "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"


def rules(**values: object) -> list[AdapterRule]:
    body = {"prometheus": {"url": "http://prometheus"}, "rules": values}
    return list(gather([Document(body)]).adapters[0].rules)


def rule(series: str, name: dict[str, str], resources: object = BY_POD, query: str = SUM, **more: object) -> AdapterRule:
    entry = {"seriesQuery": series, "name": name, "resources": resources, "metricsQuery": query, **more}
    return rules(default=False, custom=[entry])[0]


@pytest.mark.parametrize(
    ("name", "series", "metric"),
    [
        ({}, "a_total", "a_total"),
        ({"matches": "^(.*)_total$"}, "a_total", "a"),
        ({"matches": "^(.*)_total$", "as": ""}, "a", None),
        ({"matches": "^(.*)_total$", "as": "${1}_per_second"}, "a_total", "a_per_second"),
        ({"as": "renamed"}, "a", "renamed"),
        ({"matches": "^(?P<stem>.*):pod$", "as": "${stem}"}, "x:pod", "x"),
    ],
)
def test_a_series_gets_its_name(name: dict[str, str], series: str, metric: str | None) -> None:
    assert adapter.metric_name(rule('{namespace!=""}', name), series) == metric


@pytest.mark.parametrize(
    ("query", "name", "metric", "series"),
    [
        ('{namespace!=""}', {}, "a", "a"),
        ('{namespace!=""}', {"matches": "^(.*)_total$"}, "a", "a_total"),
        ('{__name__=~"^headroom:.*"}', {"matches": "^headroom:(.*):pod$", "as": "headroom_${1}"}, "headroom_x", "headroom:x:pod"),
        ('{__name__=~"^headroom:.*"}', {}, "other", None),
        ('a{namespace!=""}', {"as": "renamed"}, "renamed", "a"),
        ('a{namespace!=""}', {"as": "renamed"}, "a", None),
    ],
)
def test_a_name_is_read_backwards_to_its_series(query: str, name: dict[str, str], metric: str, series: str | None) -> None:
    assert adapter.series_for(rule(query, name), metric) == series


def test_a_fixed_name_over_a_pattern_does_not_tell_the_series() -> None:
    assert isinstance(adapter.series_for(rule('{__name__=~"^a_.*"}', {"as": "renamed"}), "renamed"), Unknown)


def test_filters_narrow_what_is_taken() -> None:
    filtered = rule('{namespace!=""}', {}, seriesFilters=[{"isNot": "_total$"}, {"is": "^a"}])
    assert [adapter.takes(filtered, name) for name in ("a", "a_total", "b")] == [True, False, False]


def test_the_query_is_written_out_for_one_namespace() -> None:
    assert adapter.query(rule("a", {}), "a", "pod", "speech") == 'sum(a{namespace="speech",pod=~".+"}) by (pod)'


def test_a_query_beyond_the_three_fields_is_unknown() -> None:
    templated = rule("a", {}, query='sum(<<.Series>>{<<index .LabelValuesByName "pod">>})')
    assert isinstance(adapter.query(templated, "a", "pod", ""), Unknown)


@pytest.mark.parametrize(
    ("resources", "label"),
    [(BY_POD, "pod"), ({"template": "kube_<<.Resource>>"}, "kube_pod"), ({"overrides": {"p": {"resource": "pods"}}}, "p")],
)
def test_a_resource_has_its_label(resources: object, label: str) -> None:
    assert adapter.label_of(rule("a", {}, resources), "pod") == label


def test_the_chart_adds_its_default_rules_unless_told_not_to() -> None:
    assert len(rules(custom=[])) == 6
    assert rules(default=False) == []


def test_a_rule_for_one_namespace_takes_no_other() -> None:
    narrow = rule('a{namespace="default",pod!=""}', {})
    assert adapter.takes_namespace(narrow, "speech") is False
    assert adapter.takes_namespace(narrow, "default") is True
    assert adapter.required_labels(narrow) == {"pod"}


@pytest.mark.parametrize(
    ("written", "asked", "found"),
    [
        ("pods", "pod", True),
        ("ingress", "ingress", True),
        ("ingresses", "ingress", True),
        ("services", "service", True),
        ("pod", "node", False),
    ],
)
def test_a_resource_is_known_by_its_singular_and_its_plural(written: str, asked: str, found: bool) -> None:
    mapped = rule('{namespace!=""}', {}, {"overrides": {"name": {"resource": written}}})
    assert (adapter.label_of(mapped, asked) == "name") is found
