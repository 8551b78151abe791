"""The tree of a chart's `values.schema.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.catalog.charts.tree import ANY, LIST, MAP, OTHERS, Tree

_WORDS = {"boolean": "bool", "integer": "int", "number": "number", "string": "string", "array": LIST, "object": MAP}


def from_schema(schema: Mapping[str, Any]) -> Tree:
    """Types and keys of a JSON Schema. What it does not close is open; `$ref` and combinations count for the type beside them."""
    kinds = schema.get("type", [])
    words = sorted({_WORDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"})
    if words != [MAP]:
        return ANY if not words or MAP in words else "|".join(words)
    others = schema.get("additionalProperties", True)
    keys = {key: from_schema(below) for key, below in schema.get("properties", {}).items()}
    if others is False:
        return keys
    rest = from_schema(others) if isinstance(others, Mapping) else ANY
    return {**keys, OTHERS: rest} if keys or rest != ANY else MAP
