"""Which series a pod's exposition has, and which an expression needs that it has not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headroom.catalog.names import NAMESPACE_LABEL, POD_LABEL, SERVER_LABEL
from headroom.wiring import promql

Series = Mapping[str, Sequence[Mapping[str, str]]]
"""Labels of each series, by its name."""

_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"')
_GIVEN_BY_PROMETHEUS = (NAMESPACE_LABEL, POD_LABEL, SERVER_LABEL)


def series(text: str) -> Series:
    """https://prometheus.io/docs/instrumenting/exposition_formats/"""
    found: dict[str, list[dict[str, str]]] = {}
    for line in text.splitlines():
        if sample := _SAMPLE.match(line):
            found.setdefault(sample[1], []).append(dict(_LABEL.findall(sample[2] or "")))
    return found


def missing(expression: str, there: Series) -> list[str]:
    """Selectors of an expression that nothing in an exposition answers; of alternatives one is enough."""
    return list(dict.fromkeys(_missing(promql.parse(expression), there)))


def needed(expression: str) -> list[str]:
    """Names of the engine's series that an expression reads."""
    named = (promql.series_name(use.selector) for use in promql.uses(promql.parse(expression)))
    return list(dict.fromkeys(name for name in named if name and name != "up"))


def _missing(node: Any, there: Series) -> Iterator[str]:
    node = promql.bare(node)
    if _is_either(node):
        left, right = list(_missing(node.lhs, there)), list(_missing(node.rhs, there))
        yield from left if left and right else ()
    elif name := _selected(node):
        wanted = [(label, op, value) for label, op, value in promql.matchers(node) if label not in (*_GIVEN_BY_PROMETHEUS, "__name__")]
        if name != "up" and not any(_matches(labels, wanted) for labels in there.get(name, ())):
            told = ", ".join(f'{label}{op}"{value}"' for label, op, value in wanted)
            yield f"{name}{{{told}}}" if told else name
    else:
        for child in promql.children(node):
            yield from _missing(child, there)


def _is_either(node: Any) -> bool:
    return str(getattr(node, "op", "")) == "or" and hasattr(node, "lhs")


def _selected(node: Any) -> str | None:
    return promql.series_name(node) if hasattr(node, "matchers") else None


def _matches(labels: Mapping[str, str], wanted: list[tuple[str, str, str]]) -> bool:
    return all(promql.accepts(op, value, labels.get(label, "")) is not False for label, op, value in wanted)
