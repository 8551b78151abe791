"""The kinds that Kubernetes itself defines: their fields, and whether they live in a namespace.

`types.json` is generated (see `generate`). A type is `string`, `bool`, `int`, `number`, `bytes`, `quantity`, `int-or-string`,
`any`, `[item]`, `{"*": value}` or the name of a struct after `@`; a field whose name ends in `?` is left out when it is empty.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from headroom.plugins.kubernetes.client import GVK

FieldType = Any


@cache
def _tables() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("types.json").read_text())


def type_of(gvk: GVK) -> FieldType | None:
    """The struct of a kind, None when Kubernetes does not define it."""
    entry = _kind(gvk)
    return None if entry is None else entry["type"]


def is_builtin(gvk: GVK) -> bool:
    return _kind(gvk) is not None


def is_namespaced(gvk: GVK) -> bool | None:
    """None when Kubernetes does not define the kind."""
    entry = _kind(gvk)
    return None if entry is None else entry["namespaced"]


def fields_of(struct: str) -> dict[str, tuple[FieldType, bool]]:
    """Field name → (type, left out when empty) of `@struct`."""
    return _fields(struct)


@cache
def _fields(struct: str) -> dict[str, tuple[FieldType, bool]]:
    return {name.removesuffix("?"): (spec, name.endswith("?")) for name, spec in _tables()["types"][struct.removeprefix("@")].items()}


def _kind(gvk: GVK) -> dict[str, Any] | None:
    return _tables()["kinds"].get(gvk.api_version, {}).get(gvk.kind)
