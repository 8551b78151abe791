"""Relabelings: Prometheus' own rules under the names that the operators give their fields."""

from __future__ import annotations

from headroom.wiring.document import Cursor
from headroom.wiring.relabeling import Relabeling
from headroom.wiring.values import Unknown, default


def relabelings(rules: Cursor) -> tuple[Relabeling, ...]:
    return tuple(_relabeling(rule) for rule in rules.items())


def _relabeling(rule: Cursor) -> Relabeling:
    action = default(rule["action"].raw(), "replace")
    return Relabeling(
        action=action if isinstance(action, Unknown) else action.lower(),
        sources=rule["sourceLabels"].texts(),
        separator=default(rule["separator"].raw(), ";"),
        regex=default(rule["regex"].raw(), "(.*)"),
        target=default(rule["targetLabel"].raw(), ""),
        replacement=default(rule["replacement"].raw(), "$1"),
        place=rule.place,
    )
