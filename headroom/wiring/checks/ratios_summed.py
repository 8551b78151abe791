"""Ratios of single models are added up on the way to the autoscaler.

A recorded ratio with one series per model is summed by pod by the adapter, whose usual query is `sum(…) by (pod)`.

## Why it matters

The sum of the ratios of an ensemble's steps is no ratio: a cheap step with a long queue outweighs the GPU's. Four idle steps at 0.3 look
like an overload of 1.2.

## How to mend it

Record one series per pod: sum numerator and denominator by namespace and pod, over the one model that matters, then divide.
"""

from __future__ import annotations

from collections.abc import Iterator

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.chain import Link, asked, links
from headroom.wiring.engines import split_label
from headroom.wiring.facts import Facts, Rule
from headroom.wiring.finding import Verdict, error
from headroom.wiring.series import labels, made_by, tree_of


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler, metric, _ in asked(facts):
        for link in links(facts, autoscaler, metric):
            for rule in (rule for taken in link.asked for rule in made_by(facts, taken)):
                spread = _spread(facts, rule, link)
                if spread and _adds(link):
                    yield error(
                        rule.expr_place,
                        f"{rule.record} is a ratio with one series per {spread}, which the adapter adds up",
                        "sum numerator and denominator by namespace and pod before dividing",
                    )


def _spread(facts: Facts, rule: Rule, link: Link) -> str | None:
    """The engine's label by which a recorded ratio is split, where it is one."""
    tree = tree_of(rule)
    if tree is None or not any(division.prettify() == promql.bare(tree).prettify() for division in promql.divisions(tree)):
        return None
    split = [label for use in promql.uses(tree) if use.name and (label := split_label(use.name)) and not use.pins(label)]
    return next((label for label in split if labels(facts, tree).has(label) is True), None)


def _adds(link: Link) -> bool:
    tree = promql.bare(link.tree)
    return isinstance(tree, ast.AggregateExpr) and str(tree.op) == "sum"
