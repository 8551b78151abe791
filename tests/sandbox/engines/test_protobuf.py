"""The wire format, against encodings from its documentation (https://protobuf.dev/programming-guides/encoding/)."""

from __future__ import annotations

import pytest

from headroom.sandbox.engines.protobuf import Malformed, content, contents, number, read, signed, text, written


@pytest.mark.parametrize(
    ("fields", "encoded"),
    [
        (((1, 150),), "089601"),
        (((2, "testing"),), "120774657374696e67"),
        (((3, written((1, 150))),), "1a03089601"),
        (((1, True),), "0801"),
        (((6, 1.5),), "350000c03f"),
        (((1, -2),), "08feffffffffffffffff01"),
    ],
)
def test_a_message_is_encoded_as_documented(fields: tuple[tuple[int, bool | int | float | str | bytes], ...], encoded: str) -> None:
    assert written(*fields).hex() == encoded


def test_what_was_written_is_read() -> None:
    message = read(written((1, 7), (2, "a"), (2, "b"), (3, b"\x00"), (5, 0.5)))
    assert (number(message, 1), text(message, 2), contents(message, 2), content(message, 3)) == (7, "b", [b"a", b"b"], b"\x00")


def test_a_missing_field_is_its_default() -> None:
    assert (number({}, 1), text({}, 1), contents({}, 1)) == (0, "", [])


def test_a_negative_number_is_read_back() -> None:
    assert signed(number(read(written((1, -2))), 1)) == -2


@pytest.mark.parametrize("encoded", ["0a05", "08", "0880", "0b", "0d0000"])
def test_what_is_cut_off_or_no_message_is_refused(encoded: str) -> None:
    with pytest.raises(Malformed):
        read(bytes.fromhex(encoded))


def test_a_number_where_bytes_belong_is_refused() -> None:
    with pytest.raises(Malformed, match="field 1 is a number"):
        content(read(written((1, 7))), 1)
