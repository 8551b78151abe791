"""What an expression reads by name, with every matcher that bears on it: its own, and those on the result that reach down to it.

A matcher on a recorded series holds for what the rule reads too, as far as the label comes through unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

import promql_parser as ast

from headroom.wiring import promql
from headroom.wiring.promql import Matcher, Node

_LOSING = ("absent", "absent_over_time", "scalar", "info")
"""Functions of whose result not every label is that of what they read."""
_WRITING = ("label_replace", "label_join")


@dataclass(frozen=True)
class Selected:
    """Series of one name, as far as matchers take them."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    more: bool = False
    """Whether a matcher is not among them because the label that it asks for is made on the way: less is taken than they say."""

    def __str__(self) -> str:
        written = ", ".join(f'{label}{op}"{value}"' for label, op, value in self.matchers)
        return f"{self.name}{{{written}}}" if written else self.name


def selector(node: Node) -> Selected | None:
    """What a selector takes; None where it names no series."""
    name = promql.series_name(node)
    return Selected(name, tuple(found for found in promql.matchers(node) if found[0] != "__name__")) if name else None


def selected(expression: Node, asked: tuple[Matcher, ...] = (), *, more: bool = False) -> list[Selected]:
    """What an expression reads, in the order of the text, for a result of which `asked` takes a part; `more` as in `Selected`."""
    return list(_selected(expression, asked, more))


def _selected(expression: Node, asked: tuple[Matcher, ...], more: bool) -> Iterator[Selected]:
    node = promql.bare(expression)
    more = more or any(label in _made(node) for label, _, _ in asked)
    if isinstance(node, ast.VectorSelector):
        own = selector(node)
        if own:
            yield Selected(own.name, tuple(dict.fromkeys((*own.matchers, *asked))), more)
        return
    if isinstance(node, ast.BinaryExpr):
        left, right = _of_sides(node, asked)
        yield from _selected(node.lhs, left, more)
        yield from _selected(node.rhs, right, more)
        return
    for child in promql.children(node):
        yield from _selected(child, _below(node, asked), more)


def _made(node: Node) -> frozenset[str]:
    """Labels that an operation writes, or copies from its other side."""
    if isinstance(node, ast.Call) and node.func.name in _WRITING:
        return frozenset({promql.bare(node.args[1]).val})
    return frozenset(node.modifier.group_labels or []) if isinstance(node, ast.BinaryExpr) and node.modifier else frozenset()


def _below(node: Node, asked: tuple[Matcher, ...]) -> tuple[Matcher, ...]:
    """What of matchers on a result holds for what goes into it."""
    if isinstance(node, ast.Call):
        if node.func.name in _WRITING:
            return _without(asked, _made(node))
        if node.func.name == "histogram_quantile":
            return _without(asked, {"le"})
        return () if node.func.name in _LOSING else asked
    if not isinstance(node, ast.AggregateExpr) or str(node.op) in ("topk", "bottomk", "limitk", "limit_ratio"):
        return asked
    if node.modifier is None:
        return ()
    labels = set(node.modifier.labels)
    return _only(asked, labels) if node.modifier.type == ast.AggModifierType.By else _without(asked, labels)


def _of_sides(node: Node, asked: tuple[Matcher, ...]) -> tuple[tuple[Matcher, ...], tuple[Matcher, ...]]:
    operator, modifier = str(node.op), node.modifier
    matching = modifier and modifier.matching
    if operator == "or" or matching is None:
        return asked, asked
    labels = set(matching.labels)
    shared = _only(asked, labels) if matching.type == ast.LabelModifierType.Include else _without(asked, labels)
    if operator in ("and", "unless"):
        return asked, shared
    copied = _made(node)
    if modifier.card == ast.VectorMatchCardinality.ManyToOne:
        return _without(asked, copied), shared
    if modifier.card == ast.VectorMatchCardinality.OneToMany:
        return shared, _without(asked, copied)
    return shared, shared


def _only(asked: tuple[Matcher, ...], labels: set[str]) -> tuple[Matcher, ...]:
    return tuple(found for found in asked if found[0] in labels)


def _without(asked: tuple[Matcher, ...], labels: Set[str]) -> tuple[Matcher, ...]:
    return tuple(found for found in asked if found[0] not in labels)
