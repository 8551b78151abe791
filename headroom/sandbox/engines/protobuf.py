"""The wire format of protocol buffers, as far as a few messages need it, without their schemas.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

Value = bool | int | float | str | bytes
Message = dict[int, list[int | bytes]]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}
_WHOLE = (1 << 64) - 1


class Malformed(ValueError):
    """The bytes are no message."""


def written(*fields: tuple[int, Value]) -> bytes:
    """A message of (number, value): bools and ints as varints, floats as `float`, text, and bytes or messages as they are."""
    return b"".join(_field(number, value) for number, value in fields)


def read(message: bytes) -> Message:
    """Every field as a list of its values: varints as ints, unsigned, everything else as bytes. Raises `Malformed`."""
    found: Message = {}
    for number, value in _fields(message):
        found.setdefault(number, []).append(value)
    return found


def number(message: Message, field: int, default: int = 0) -> int:
    """A field's last varint; raises `Malformed` where the field is something else."""
    value = message.get(field, [default])[-1]
    if not isinstance(value, int):
        raise Malformed(f"field {field} is no number")
    return value


def content(message: Message, field: int) -> bytes:
    """A field's last bytes, empty where it is missing; raises `Malformed` where the field is a number."""
    value = message.get(field, [b""])[-1]
    if isinstance(value, int):
        raise Malformed(f"field {field} is a number")
    return value


def contents(message: Message, field: int) -> list[bytes]:
    """All bytes of a repeated field; raises `Malformed` where one is a number."""
    return [content({field: [value]}, field) for value in message.get(field, [])]


def text(message: Message, field: int) -> str:
    """A field's text, empty where it is missing."""
    return content(message, field).decode(errors="replace")


def signed(value: int) -> int:
    """A varint as the int32 or int64 that it stands for."""
    return value - (1 << 64) if value >> 63 else value


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, float):
        return _varint(number << 3 | _FIXED32) + struct.pack("<f", value)
    if isinstance(value, int):
        return _varint(number << 3 | _VARINT) + _varint(value & _WHOLE)
    raw = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | _BYTES) + _varint(len(raw)) + raw


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    position = 0
    while position < len(message):
        tag, position = _read_varint(message, position)
        kind = tag & 7
        if kind == _VARINT:
            value, position = _read_varint(message, position)
        else:
            length, position = _read_varint(message, position) if kind == _BYTES else (_WIDTHS.get(kind, -1), position)
            if length < 0 or position + length > len(message):
                raise Malformed(f"field {tag >> 3} of wire type {kind} does not fit at byte {position}")
            value, position = message[position : position + length], position + length
        yield tag >> 3, value


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(message) and shift < 64:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _WHOLE, position
        shift += 7
    raise Malformed(f"a number does not end at byte {position}")
