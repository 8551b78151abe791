"""Quantities (`500m`, `1Gi`) in the one spelling that the API server gives them."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal

FORM = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$")
DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
EXPONENTS = {suffix: exponent for exponent, suffix in DECIMAL.items()}
NANO = Decimal(10) ** -9


def canonical(quantity: str | float) -> str:
    """The canonical form of a quantity: `1000m` → `1`, `1024Mi` → `1Gi`, `0.5` → `500m`. Raises `ValueError`."""
    match = FORM.match(str(quantity))
    if not match:
        raise ValueError(f"{quantity!r} is not a quantity")
    number, suffix = Decimal(match[1]), match[2] or ""
    if suffix in BINARY[1:]:
        value = number * Decimal(1024) ** BINARY.index(suffix)
        # Below 1024 a binary quantity is written like a decimal one.
        return _binary(value) if abs(value) >= 1024 else _decimal(value, DECIMAL)
    if suffix and suffix not in EXPONENTS:
        return _decimal(number * Decimal(10) ** int(suffix[1:]), {exponent: f"e{exponent}" if exponent else "" for exponent in DECIMAL})
    return _decimal(number * Decimal(10) ** EXPONENTS[suffix], DECIMAL)


def _binary(value: Decimal) -> str:
    whole = int(value.to_integral_value(ROUND_CEILING))
    power = 0
    while whole % 1024 == 0 and power < len(BINARY) - 1:
        whole //= 1024
        power += 1
    return f"{whole}{BINARY[power]}"


def _decimal(value: Decimal, suffixes: dict[int, str]) -> str:
    nanos = int((value / NANO).to_integral_value(ROUND_CEILING))
    exponent = -9
    if nanos == 0:
        return "0"
    while nanos % 1000 == 0 and exponent < 18:
        nanos //= 1000
        exponent += 3
    return f"{nanos}{suffixes[exponent]}"
