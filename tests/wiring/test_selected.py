"""Matchers on a result reach down to what it is made of, as far as their labels come through."""

from __future__ import annotations

import pytest

from headroom.wiring import Document, promql
from headroom.wiring.gather import gather
from headroom.wiring.selected import Selected, selected
from headroom.wiring.series import made_by, rules_behind

ASKED = (("server", "=", "a"), ("pod", "=~", "a-.+"))


@pytest.mark.parametrize(
    ("expression", "read"),
    [
        ("x", ['x{server="a", pod=~"a-.+"}']),
        ('x{server="a"}', ['x{server="a", pod=~"a-.+"}']),
        ("sum by (server) (rate(x[1m]))", ['x{server="a"}']),
        ("sum without (pod) (x)", ['x{server="a"}']),
        ("sum(x)", ["x"]),
        ("topk(1, x)", ['x{server="a", pod=~"a-.+"}']),
        ("x and on (server) y", ['x{server="a", pod=~"a-.+"}', 'y{server="a"}']),
        ("x / on (server) y", ['x{server="a"}', 'y{server="a"}']),
        ("x / ignoring (pod) y", ['x{server="a"}', 'y{server="a"}']),
        ("x * on (server) group_left (pod) y", ['x{server="a"}', 'y{server="a"}']),
        ("x or y", ['x{server="a", pod=~"a-.+"}', 'y{server="a", pod=~"a-.+"}']),
        ('label_replace(x, "server", "$1", "job", "(.*)")', ['x{pod=~"a-.+"}']),
        ("absent(x)", ["x"]),
        ("histogram_quantile(0.9, sum by (le, server) (rate(x_bucket[1m])))", ['x_bucket{server="a"}']),
    ],
)
def test_a_matcher_reaches_what_keeps_its_label(expression: str, read: list[str]) -> None:
    assert [str(found) for found in selected(promql.parse(expression), ASKED)] == read


def recorded(*rules: tuple[str, str]) -> Document:
    groups = [{"name": "g", "rules": [{"record": name, "expr": expr} for name, expr in rules]}]
    metadata = {"name": "r", "namespace": "n"}
    return Document({"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata, "spec": {"groups": groups}})


def test_rules_that_read_each_other_end() -> None:
    ring = [("a:x:sum", 'b:x:sum{server="a"} or c:x:sum'), ("b:x:sum", 'c:x:sum{pod="b"}'), ("c:x:sum", "a:x:sum or b:x:sum")]
    facts = gather([recorded(*ring)])
    assert len(rules_behind(facts, (Selected("a:x:sum", (("server", "=", "a"),)),))) == 3


@pytest.mark.parametrize(
    ("asked", "exprs"),
    [
        ((("server", "=", "a"),), ['x{server="a"}']),
        ((("server", "=~", "a|b"),), ['x{server="a"}', 'x{server="b"}']),
        ((("server", "!=", "a"),), ['x{server="b"}']),
        ((("server", "=", "c"),), []),
        ((), ['x{server="a"}', 'x{server="b"}']),
    ],
)
def test_the_rules_that_record_a_series_are_those_whose_labels_are_asked_for(asked: tuple[promql.Matcher, ...], exprs: list[str]) -> None:
    facts = gather([recorded(*(("s:x:sum", f'x{{server="{server}"}}') for server in "ab"))])
    assert [rule.expr for rule in made_by(facts, Selected("s:x:sum", asked))] == exprs
