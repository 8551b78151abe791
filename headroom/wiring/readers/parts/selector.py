"""Label selectors as objects write them."""

from __future__ import annotations

from headroom.wiring.document import Cursor, known
from headroom.wiring.selectors import LabelSelector, Requirement
from headroom.wiring.values import Unknown


def label_selector(cursor: Cursor) -> LabelSelector | None:
    """`{matchLabels, matchExpressions}`; None where there is no selector at all, everything where it is empty."""
    if not cursor.exists:
        return None
    value = known(cursor.value)
    if isinstance(value, Unknown):
        return LabelSelector(hole=value)
    labels = cursor["matchLabels"].labels()
    if isinstance(labels, Unknown):
        return LabelSelector(hole=labels)
    requirements = [Requirement(key, "In", (wanted,)) for key, wanted in labels.items()]
    for expression in cursor["matchExpressions"].items():
        key, operator = expression["key"].text(), expression["operator"].text()
        if not isinstance(key, str) or not isinstance(operator, str):
            return LabelSelector(tuple(requirements), hole=Unknown("a match expression cannot be read"))
        requirements.append(Requirement(key, operator, expression["values"].texts()))
    return LabelSelector(tuple(requirements))
