"""Values as manifests write them: quantities, durations, percentages, and the value that cannot be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Unknown:
    """A value that the manifests do not tell. `why` completes the sentence "cannot tell: …"."""

    why: str

    def __bool__(self) -> NoReturn:
        raise TypeError(f"an unknown is neither true nor false ({self.why})")


_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
    "Ei": Decimal(2) ** 60,
}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(n|u|m|k|[KMGTPE]i|[MGTPE]|)")
_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_DURATION_PART = re.compile(r"(\d+)(ms|[smhdwy])")


def quantity(text: str) -> Decimal | None:
    """A Kubernetes quantity: `500m`, `0.5`, `2`, `16Gi`; None where it is none.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    match = _QUANTITY.fullmatch(text.strip())
    return None if match is None else Decimal(match[1]) * _SUFFIXES[match[2]]


def duration(text: str) -> float | None:
    """A Prometheus duration in seconds: `15s`, `1m30s`, `500ms`; None where it is none."""
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(int(number) * _DURATION_UNITS[unit] for number, unit in parts)


def percent(text: str) -> int | None:
    """`50%` is 50; None where it is no percentage."""
    return int(text[:-1]) if text.endswith("%") and text[:-1].isdigit() else None


def seconds(value: float) -> str:
    """A duration for people: `15 s`, `1 min 30 s`, `5 min`."""
    minutes, rest = divmod(round(value), 60)
    if not minutes:
        return f"{value:g} s"
    return f"{minutes} min" if not rest else f"{minutes} min {rest} s"


def default(value: T | None, otherwise: T) -> T:
    """The value, or what stands for an absent one."""
    return otherwise if value is None else value
