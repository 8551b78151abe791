"""Property values on the wire (`google.protobuf.Struct`) ↔ plain Python values with `Secret` and `UNKNOWN` in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
# What stands for an output that is not known yet, one per type of value.
UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: dict) -> _Unknown:
        return self


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that state files and logs must not show."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(…)"


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    return {key: _decode(value) for key, value in struct.fields.items()}


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        decoded = decode(value.struct_value)
        return Secret(decoded.get("value")) if decoded.get(SIGNATURE) == SECRET else decoded
    return None


def encode(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    _fill(struct, values)
    return struct


def _fill(struct: struct_pb2.Struct, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        _encode(value, struct.fields[key])


def _encode(value: Any, into: struct_pb2.Value) -> None:
    if value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif value is UNKNOWN:
        into.string_value = UNKNOWN_STRING
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, int | float):
        into.number_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, Secret):
        _fill(into.struct_value, {SIGNATURE: SECRET, "value": value.value})
    elif isinstance(value, Mapping):
        into.struct_value.SetInParent()
        _fill(into.struct_value, value)
    else:
        into.list_value.SetInParent()
        for item in value:
            _encode(item, into.list_value.values.add())


def plain(value: Any) -> Any:
    """`value` without its `Secret`s."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    return _any(value, lambda item: item is UNKNOWN)


def has_secret(value: Any) -> bool:
    return _any(value, lambda item: isinstance(item, Secret))


def _any(value: Any, matches: Any) -> bool:
    if matches(value):
        return True
    if isinstance(value, Secret):
        return _any(value.value, matches)
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_any(child, matches) for child in children)


def mark_secrets(plain_values: dict[str, Any], like: Any) -> dict[str, Any]:
    """`plain_values` with `Secret` wherever `like` has one under the same keys; a secret anywhere in a list makes the whole list one."""
    if not isinstance(like, dict):
        return plain_values
    return {key: _mark(value, like[key]) if key in like else value for key, value in plain_values.items()}


def _mark(value: Any, like: Any) -> Any:
    if isinstance(value, dict) and isinstance(like, dict):
        return mark_secrets(value, like)
    return Secret(value) if has_secret(like) else value
