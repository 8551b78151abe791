"""Inputs as the official plugin keeps them: decoded into Kubernetes' own types and cut to what was given.

Unknown fields fall away, empty values of fields that are left out when empty too; quantities get their canonical spelling; a
Secret's `stringData` becomes `data`. Custom resources stay as they are, and so does an object with a value of the wrong type:
the API server judges it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from headroom.plugins.kubernetes.builtin import FieldType, fields_of, type_of
from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.properties import UNKNOWN
from headroom.plugins.kubernetes.quantities import canonical

CRD = "CustomResourceDefinition"
EMPTY: tuple[Any, ...] = ("", 0, False, [], {})


class _Mismatch(Exception):
    """A value that its field's type cannot hold."""


def normalise(inputs: Object) -> Object:
    """`inputs` (plain, `UNKNOWN` allowed) normalised; never changes its argument."""
    gvk = GVK.of(inputs)
    if is_crd(gvk):
        return _without_preserve_unknown_fields(inputs)
    struct = type_of(gvk)
    if struct is None:
        return inputs
    try:
        typed = _struct(inputs, struct)
        return _merged_string_data(typed) if is_secret(gvk) else typed
    except _Mismatch:
        return inputs


def is_crd(gvk: GVK) -> bool:
    return gvk.kind == CRD and gvk.group == "apiextensions.k8s.io"


def is_secret(gvk: GVK) -> bool:
    return gvk == GVK("v1", "Secret")


def _struct(value: Any, struct: str) -> Any:
    if not isinstance(value, dict):
        raise _Mismatch
    fields = fields_of(struct)
    kept = {}
    for name, item in value.items():
        if name not in fields or item is None:
            continue
        spec, vanishes = fields[name]
        typed = _typed(item, spec)
        if not (vanishes and _is_empty(typed)):
            kept[name] = typed
    return kept


def _typed(value: Any, spec: FieldType) -> Any:
    if value is UNKNOWN or spec == "any":
        return value
    if isinstance(spec, list):
        return [_typed(item, spec[0]) for item in _expect(value, list)]
    if isinstance(spec, dict):
        return {key: _typed(item, spec["*"]) for key, item in _expect(value, dict).items()}
    if spec.startswith("@"):
        return _struct(value, spec)
    if value is None:
        return {"string": "", "bytes": "", "bool": False}.get(spec, 0)
    return _scalar(value, spec)


def _scalar(value: Any, spec: str) -> Any:
    if spec == "quantity":
        try:
            return canonical(_expect(value, str, int, float))
        except ValueError:
            raise _Mismatch from None
    if spec == "bytes":
        try:
            base64.b64decode(_expect(value, str), validate=True)
        except (binascii.Error, ValueError):
            raise _Mismatch from None
        return value
    return _expect(value, *{"string": (str,), "bool": (bool,), "int": (int,), "number": (int, float), "int-or-string": (int, str)}[spec])


def _expect(value: Any, *types: type) -> Any:
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise _Mismatch
    return value


def _is_empty(value: Any) -> bool:
    return value is not UNKNOWN and value in EMPTY


def _merged_string_data(secret: Object) -> Object:
    given = secret.get("stringData")
    if not isinstance(given, dict):
        return secret
    kept = {key: value for key, value in secret.items() if key != "stringData"}
    return kept | {"data": {**(secret.get("data") or {}), **{key: _base64(value) for key, value in given.items()}}}


def _base64(text: Any) -> Any:
    return text if text is UNKNOWN else base64.b64encode(text.encode()).decode()


def _without_preserve_unknown_fields(crd: Object) -> Object:
    """Without the deprecated field that the API server drops when it is false."""
    spec = crd.get("spec")
    if not isinstance(spec, dict) or spec.get("preserveUnknownFields") is not False:
        return crd
    return crd | {"spec": {key: value for key, value in spec.items() if key != "preserveUnknownFields"}}
