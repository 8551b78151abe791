"""Reads the text form of a protocol buffer message, as Triton's `config.pbtxt` has it, without knowing its schema."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r'\s+|#[^\n]*|(?P<string>"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')|(?P<word>[^\s{}\[\]<>:,;#"\']+)|(?P<sign>[{}\[\]<>:,;])'
)
_ESCAPE = re.compile(r"\\(.)")
_CLOSING = {"{": "}", "<": ">"}

Message = dict[str, list[Any]]


class Malformed(Exception):
    """The text is not a message; the message says where."""


def parse(text: str) -> Message:
    """Every field as a list of its values: numbers, booleans, text (enum names too), messages. Raises `Malformed`."""
    return _Reader(list(_tokens(text))).message(None)


def _tokens(text: str):
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise Malformed(f"line {line}: unexpected {text[position]!r}")
        if match.lastgroup:
            yield line, match.lastgroup, match[0]
        line += match[0].count("\n")
        position = match.end()


class _Reader:
    def __init__(self, tokens: list[tuple[int, str, str]]) -> None:
        self._tokens = tokens
        self._next = 0

    def message(self, closing: str | None) -> Message:
        fields: Message = {}
        while (token := self._peek()) is not None and token[2] != closing:
            line, kind, name = self._take()
            if kind != "word":
                raise Malformed(f"line {line}: a field's name was expected, not {name!r}")
            fields.setdefault(name, []).extend(self._values())
            self._skip(",", ";")
        if closing is not None:
            self._expect(closing)
        return fields

    def _values(self) -> list[Any]:
        self._skip(":")
        if not self._skip("["):
            return [self._value()]
        values: list[Any] = []
        while not self._skip("]"):
            values.append(self._value())
            self._skip(",")
        return values

    def _value(self) -> Any:
        line, kind, text = self._take()
        if kind == "sign" and text in _CLOSING:
            return self.message(_CLOSING[text])
        if kind == "sign":
            raise Malformed(f"line {line}: a value was expected, not {text!r}")
        return _ESCAPE.sub(r"\1", text[1:-1]) if kind == "string" else _scalar(text)

    def _peek(self) -> tuple[int, str, str] | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> tuple[int, str, str]:
        token = self._peek()
        if token is None:
            raise Malformed("the text ends in the middle of a field")
        self._next += 1
        return token

    def _skip(self, *signs: str) -> bool:
        token = self._peek()
        found = token is not None and token[1] == "sign" and token[2] in signs
        self._next += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._skip(sign):
            raise Malformed(f"the text ends without {sign!r}")


def _scalar(text: str) -> Any:
    if text in ("true", "True", "false", "False"):
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
