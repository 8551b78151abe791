"""How fast an autoscaler may change the count: the same shape in an HPA and in a ScaledObject."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor
from headroom.wiring.facts import Behavior
from headroom.wiring.values import Unknown, default


def behaviors(cursor: Cursor) -> Iterator[Behavior]:
    for direction in ("scaleUp", "scaleDown"):
        rules = cursor[direction]
        if rules.exists:
            yield Behavior(
                up=direction == "scaleUp",
                disabled=rules["selectPolicy"].text() == "Disabled",
                window=rules["stabilizationWindowSeconds"].count(),
                policies=tuple((_number(policy["value"]), _number(policy["periodSeconds"])) for policy in rules["policies"].items()),
                place=rules.place,
            )


def _number(cursor: Cursor) -> int | Unknown:
    return default(cursor.count(), Unknown("the policy says no number"))
