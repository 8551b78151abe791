"""What an expression says: the series it reads, the functions around them, the labels that come out."""

from __future__ import annotations

import pytest

from headroom.wiring import promql
from headroom.wiring.labels import LabelSet

SCRAPED = LabelSet(frozenset({"namespace", "pod", "model"}), frozenset({"namespace", "pod", "model", "gpu"}))


def result(expression: str) -> LabelSet:
    return promql.labels(promql.parse(expression), lambda _: SCRAPED)


def use(expression: str) -> promql.Use:
    return promql.uses(promql.parse(expression))[0]


def test_text_that_is_not_promql_is_refused_with_a_reason() -> None:
    with pytest.raises(promql.InvalidPromQL, match="parenthesis"):
        promql.parse("sum(rate(x[1m])")


def test_every_selector_is_found_with_its_window() -> None:
    found = promql.uses(promql.parse("rate(a[1m]) / clamp_min(sum(b), 1) + max_over_time(rate(c[30s])[5m:])"))
    assert [(one.name, one.window) for one in found] == [("a", 60), ("b", None), ("c", 30)]


def test_the_range_function_is_the_one_that_reads_the_window() -> None:
    assert use("sum(rate(a[1m]))").range_function == "rate"
    assert use("sum(a)").range_function is None


def test_a_series_is_named_by_its_name_label_too() -> None:
    assert use('{__name__="a"}').name == "a"
    assert use('{__name__=~"a.*"}').name is None


@pytest.mark.parametrize("expression", ["count(a)", "absent(a)", "b and a", "b unless on (pod) a", "changes(a[5m])", "group by (pod) (a)"])
def test_a_series_may_be_there_only_to_be_counted(expression: str) -> None:
    assert next(one for one in promql.uses(promql.parse(expression)) if one.name == "a").only_counted


@pytest.mark.parametrize("expression", ["a", "sum(a)", "a and b", "a / b"])
def test_otherwise_its_value_matters(expression: str) -> None:
    assert not next(one for one in promql.uses(promql.parse(expression)) if one.name == "a").only_counted


def test_an_equality_pins_a_label() -> None:
    assert use('a{model="x"}').pins("model")
    assert not use('a{model=~"x|y"}').pins("model")
    assert not use('a{model=""}').pins("model")


@pytest.mark.parametrize(
    ("expression", "certain"),
    [
        ("x", {"namespace", "pod", "model"}),
        ("rate(x[1m])", {"namespace", "pod", "model"}),
        ("sum(x)", set()),
        ("sum by (namespace, pod) (x)", {"namespace", "pod"}),
        ("sum by (pod, nonsense) (x)", {"pod"}),
        ("sum without (model) (x)", {"namespace", "pod"}),
        ("topk(1, x)", {"namespace", "pod", "model"}),
        ("sum by (pod) (x) / 2", {"pod"}),
        ("2 * sum by (pod) (x)", {"pod"}),
        ("sum by (pod) (x) / on (pod) y", {"pod"}),
        ("x / ignoring (model) y", {"namespace", "pod"}),
        ("sum by (pod) (x) * on (pod) group_left (model) y", {"pod", "model"}),
        ("sum by (pod) (x) or vector(0)", set()),
        ("sum by (pod) (x) and y", {"pod"}),
        ("sum by (pod) (x) > 1", {"pod"}),
        ("clamp_min(sum by (pod) (x), 1)", {"pod"}),
        ("vector(1)", set()),
        ("absent(x)", set()),
        ("histogram_quantile(0.9, sum by (le, pod) (rate(x[1m])))", {"pod"}),
        ('count_values("version", x)', {"version"}),
        ('x{cell="a"}', {"namespace", "pod", "model", "cell"}),
    ],
)
def test_the_labels_that_are_certainly_there(expression: str, certain: set[str]) -> None:
    assert result(expression).certain == certain


@pytest.mark.parametrize(
    "expression",
    ["sum(x)", "sum by (namespace) (x)", "sum without (pod) (x)", "vector(1)", "x / on (namespace) y", "scalar(x) * vector(1)"],
)
def test_a_label_that_was_aggregated_away_is_certainly_gone(expression: str) -> None:
    assert result(expression).has("pod") is False


@pytest.mark.parametrize("expression", ["x", "sum by (gpu) (x)", 'label_replace(sum(x), "gpu", "$1", "pod", "(.*)")'])
def test_a_label_that_may_be_there_is_neither(expression: str) -> None:
    assert result(expression).has("gpu") not in (True, False)


def test_only_quotients_of_series_are_divisions() -> None:
    assert len(promql.divisions(promql.parse("rate(a[1m]) / 1e6 / clamp_min(rate(b[1m]), 0.001)"))) == 1


@pytest.mark.parametrize(
    ("op", "wanted", "accepted"),
    [("=", "a", True), ("!=", "a", False), ("=~", "a|b", True), ("!~", "b.*", True), ("=~", "b", False), ("=~", "(", None)],
)
def test_a_matcher_takes_a_value(op: str, wanted: str, accepted: bool | None) -> None:
    assert promql.accepts(op, wanted, "a") is accepted
