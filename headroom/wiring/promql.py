"""What an expression says about series: which it reads, through which functions, over which windows, and which labels come out.

Everything is asked of promql-parser's tree; no expression is ever matched as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import promql_parser as ast

from headroom.wiring.labels import NO_LABELS, LabelSet

Node = Any
"""A node of promql-parser's tree; its classes share no attribute that a type checker could use."""

RATES = frozenset({"rate", "increase", "irate"})
"""Functions that read a counter and know about its resets."""
DIFFERENCES = frozenset({"delta", "idelta", "deriv", "predict_linear", "holt_winters", "double_exponential_smoothing"})
"""Functions that read a gauge: a counter's reset is a fall to them."""
_COUNTING = frozenset({"count", "group", "count_values", "absent", "absent_over_time", "present_over_time", "count_over_time"})
_COUNTING_CALLS = frozenset({"changes", "resets", "timestamp"})
_KEEPS_SERIES = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_SET_OPERATORS = frozenset({"and", "or", "unless"})
COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})


class InvalidPromQL(ValueError):
    """The text is not PromQL; the message says why."""


_TEMPLATE = re.compile(r"\$\{[A-Za-z_]\w*\}|\{\{.*\}\}")


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """The tree of an expression. Raises `InvalidPromQL`."""
    try:
        return ast.parse(_RAW_TEXT.sub(_quoted, text))
    except ValueError as error:
        raise InvalidPromQL(" ".join(str(error).split())) from None


def is_unfilled(text: str) -> bool:
    """Whether a text has holes that something else fills, and is not PromQL before."""
    if not _TEMPLATE.search(text):
        return False
    try:
        parse(text)
    except InvalidPromQL:
        return True
    return False


_RAW_TEXT = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`""")


def _quoted(text: re.Match[str]) -> str:
    """Text in backticks, in which Prometheus knows no escapes, as text in quotes: the parser reads escapes in both."""
    return json.dumps(text[0][1:-1], ensure_ascii=False) if text[0].startswith("`") else text[0]


def gives_instants(expression: Node) -> bool:
    """Whether the result is one value per series (or a number), as a rule needs it."""
    return not isinstance(bare(expression), ast.MatrixSelector | ast.SubqueryExpr | ast.StringLiteral)


def experimental(expression: Node) -> str | None:
    """A function that Prometheus knows only with `--enable-feature=promql-experimental-functions`."""
    return next((name for node in walk(expression) if (name := function(node)) and _is_experimental(node, name)), None)


def _is_experimental(node: Node, name: str) -> bool:
    return name in ("limitk", "limit_ratio") or (isinstance(node, ast.Call) and node.func.experimental)


@dataclass(frozen=True, eq=False)
class Use:
    """One selector in an expression, and what stands around it, outermost first."""

    selector: Node
    window: float | None
    around: tuple[Node, ...]

    @property
    def name(self) -> str | None:
        return series_name(self.selector)

    @property
    def functions(self) -> tuple[str, ...]:
        """Functions and aggregations around the selector, outermost first."""
        return tuple(name for node in self.around if (name := function(node)))

    @property
    def range_function(self) -> str | None:
        """The function that reads the selector's window."""
        return self.functions[-1] if self.window is not None and self.functions else None

    @property
    def only_counted(self) -> bool:
        """Whether the value does not matter, only that the series is there."""
        if any(name in _COUNTING or name in _COUNTING_CALLS for name in self.functions):
            return True
        filters = [node for node in self.around if isinstance(node, ast.BinaryExpr) and str(node.op) in ("and", "unless")]
        return any(inside(self.selector, node.rhs) for node in filters)

    def pins(self, label: str) -> bool:
        """Whether the selector fixes a label to one value."""
        return any(name == label and op == "=" and value for name, op, value in matchers(self.selector))


def uses(expression: Node) -> list[Use]:
    """Every selector, in the order of the text."""
    return list(_uses(expression, ()))


def _uses(node: Node, around: tuple[Node, ...]) -> Iterator[Use]:
    if isinstance(node, ast.VectorSelector):
        yield Use(node, None, around)
    elif isinstance(node, ast.MatrixSelector):
        yield Use(node.vector_selector, node.range.total_seconds(), around)
    else:
        for child in children(node):
            yield from _uses(child, (*around, node))


def children(node: Node) -> list[Node]:
    if isinstance(node, ast.BinaryExpr):
        return [node.lhs, node.rhs]
    if isinstance(node, ast.Call):
        return list(node.args)
    if isinstance(node, ast.AggregateExpr):
        return [node.expr] if node.param is None else [node.param, node.expr]
    if isinstance(node, ast.ParenExpr | ast.UnaryExpr | ast.SubqueryExpr):
        return [node.expr]
    return [node.vector_selector] if isinstance(node, ast.MatrixSelector) else []


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def inside(node: Node, tree: Node) -> bool:
    """Whether a selector's text occurs in a tree. The parser makes new objects at each access, so identity does not tell."""
    return any(candidate.prettify() == node.prettify() for candidate in walk(tree) if isinstance(candidate, ast.VectorSelector))


def bare(node: Node) -> Node:
    """The node without the parentheses around it."""
    while isinstance(node, ast.ParenExpr):
        node = node.expr
    return node


def function(node: Node) -> str | None:
    """The name of a function or aggregation."""
    if isinstance(node, ast.Call):
        return node.func.name
    return str(node.op) if isinstance(node, ast.AggregateExpr) else None


def number(node: Node) -> float | None:
    node = bare(node)
    return node.val if isinstance(node, ast.NumberLiteral) else None


def constant(expression: Node) -> float | None:
    """The number that `vector(…)` makes a series of."""
    node = bare(expression)
    return number(node.args[0]) if function(node) == "vector" else None


def divisions(expression: Node) -> list[Node]:
    """Every division of one vector by another."""
    return [
        node for node in walk(expression) if isinstance(node, ast.BinaryExpr) and str(node.op) == "/" and uses(node.lhs) and uses(node.rhs)
    ]


_OPERATORS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


Matcher = tuple[str, str, str]
"""Label, operator, value."""


def matchers(selector: Node) -> list[Matcher]:
    return [(m.name, _OPERATORS.get(str(m.op).rpartition(".")[2], str(m.op)), m.value) for m in selector.matchers.matchers]


def series_name(selector: Node) -> str | None:
    """The series that a selector names exactly."""
    if selector.name:
        return str(selector.name)
    return next((value for label, op, value in matchers(selector) if label == "__name__" and op == "="), None)


def accepts(op: str, wanted: str, value: str) -> bool | None:
    """Whether a matcher takes a value; None where its pattern cannot be tried here."""
    if op in ("=", "!="):
        return (value == wanted) == (op == "=")
    try:
        matched = re.fullmatch(wanted, value) is not None
    except re.error:
        return None
    return matched == (op == "=~")


def labels(expression: Node, of: Callable[[Node], LabelSet]) -> LabelSet:
    """The labels of the result, given the labels of each selector's series.

    Matching and aggregation follow https://prometheus.io/docs/prometheus/latest/querying/operators/.
    """
    node = bare(expression)
    if isinstance(node, ast.VectorSelector):
        return of(node).with_values({label: value for label, op, value in matchers(node) if op == "=" and value and label != "__name__"})
    if isinstance(node, ast.MatrixSelector):
        return labels(node.vector_selector, of)
    if isinstance(node, ast.UnaryExpr | ast.SubqueryExpr):
        return labels(node.expr, of)
    if isinstance(node, ast.AggregateExpr):
        return _aggregated(node, of)
    if isinstance(node, ast.BinaryExpr):
        return _combined(node, of)
    if isinstance(node, ast.Call):
        return _called(node, of)
    return NO_LABELS


def _aggregated(node: Node, of: Callable[[Node], LabelSet]) -> LabelSet:
    inner = labels(node.expr, of)
    if str(node.op) in _KEEPS_SERIES:
        return inner
    if node.modifier is None:
        kept = NO_LABELS
    elif node.modifier.type == ast.AggModifierType.By:
        kept = inner.only(node.modifier.labels)
    else:
        kept = inner.without(node.modifier.labels)
    return kept.with_certain({node.param.val}) if str(node.op) == "count_values" else kept


def _combined(node: Node, of: Callable[[Node], LabelSet]) -> LabelSet:
    if not uses(node.lhs) and not isinstance(bare(node.lhs), ast.Call):
        return labels(node.rhs, of)
    left = labels(node.lhs, of)
    if not uses(node.rhs) and str(node.op) not in _SET_OPERATORS:
        return left
    right = labels(node.rhs, of)
    if str(node.op) == "or":
        return left.either(right)
    if str(node.op) in _SET_OPERATORS:
        return left
    matching, card = node.modifier and node.modifier.matching, node.modifier and node.modifier.card
    if card in (ast.VectorMatchCardinality.ManyToOne, ast.VectorMatchCardinality.OneToMany):
        many, one = (left, right) if card == ast.VectorMatchCardinality.ManyToOne else (right, left)
        return many.copying(node.modifier.group_labels or [], one)
    if matching is None:
        return left.both(right)
    included = matching.type == ast.LabelModifierType.Include
    return left.both(right).only(matching.labels) if included else left.without(matching.labels)


def _called(node: Node, of: Callable[[Node], LabelSet]) -> LabelSet:
    vectors = [argument for argument in node.args if uses(argument)]
    if not vectors or node.func.name in ("scalar", "absent", "absent_over_time"):
        return NO_LABELS
    inner = labels(vectors[-1], of)
    if node.func.name in ("label_replace", "label_join"):
        return inner.with_possible({bare(node.args[1]).val})
    if node.func.name == "info":
        return inner.open()
    return inner.without(["le"]) if node.func.name == "histogram_quantile" else inner
