"""Facts of nodes, and of what pods put up with to be on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from headroom.wiring.values import Unknown

Text = str | Unknown
Amounts = Mapping[str, Decimal | Unknown] | Unknown


@dataclass(frozen=True)
class Toleration:
    key: Text | None
    operator: Text
    value: Text | None
    effect: Text | None


@dataclass(frozen=True)
class Taint:
    key: str
    value: str
    effect: str


@dataclass(frozen=True)
class Pool:
    """Nodes of one kind: a Node object, or a pool of a stack."""

    name: str
    labels: Mapping[str, str | Unknown]
    taints: tuple[Taint, ...]
    nodes: int
    """At most."""
    capacity: Mapping[str, Decimal | Unknown]
    """Per node."""
