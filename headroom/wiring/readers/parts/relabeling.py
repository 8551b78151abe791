"""What relabelings do to series: Prometheus' own rules under the names that the operators give their fields."""

from __future__ import annotations

from collections.abc import Iterable

from headroom.wiring.document import Cursor, known
from headroom.wiring.facts import NameFilter
from headroom.wiring.values import Unknown

_DROPPING = ("drop", "keep", "dropequal", "keepequal", "labelmap", "labeldrop", "labelkeep")


def name_filters(rules: Iterable[Cursor]) -> tuple[NameFilter, ...]:
    """The rules that keep or drop series by name."""
    return tuple(found for rule in rules if (found := _name_filter(rule)))


def added_labels(rules: Iterable[Cursor]) -> frozenset[str]:
    labels = (rule["targetLabel"].raw() for rule in rules)
    return frozenset(label for label in labels if isinstance(label, str) and not label.startswith("__"))


def drops(rules: Iterable[Cursor]) -> bool:
    """Whether the rules may drop targets or series, or put labels on them that cannot be told."""
    return any(_may_drop(rule) for rule in rules)


def sanitised(label: str) -> str:
    """A Kubernetes label as a Prometheus label: `app.kubernetes.io/name` is `app_kubernetes_io_name`."""
    return "".join(char if char.isalnum() else "_" for char in label)


def _name_filter(rule: Cursor) -> NameFilter | None:
    action, pattern = rule["action"].raw(), rule["regex"].raw()
    sources = rule["sourceLabels"].texts()
    if not isinstance(action, str) or not isinstance(pattern, str) or sources != ("__name__",) or action.lower() not in ("keep", "drop"):
        return None
    return NameFilter(action.lower() == "keep", pattern, rule.place)


def _may_drop(rule: Cursor) -> bool:
    action, label = known(rule["action"].value), rule["targetLabel"].raw()
    return isinstance(action, Unknown) or isinstance(label, Unknown) or str(action).lower() in _DROPPING
