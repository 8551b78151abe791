"""JSONPath (RFC 9535) without its functions: what `kubectl get -o jsonpath` paths and `pulumi.com/waitFor` use.

`$.a.b`, `['a.b']`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `..a`, `[?(@.type=="Ready" && !@.old)].status`.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Select = Callable[[Any, Any], list[Any]]
"""(node, root) → nodes."""
Test = Callable[[Any, Any], bool]


class BadPath(ValueError):
    """The text is no path that this reader knows; the message says where."""


class Token(NamedTuple):
    kind: str
    text: str
    start: int


TOKENS = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
    r"""|(?P<name>[^\W\d]\w*)|(?P<mark>\.\.|==|!=|<=|>=|&&|\|\||[.\[\]*?()@$!<>,:]))"""
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, ">": operator.gt}
LITERALS = {"true": True, "false": False, "null": None}
NOTHING: Any = object()


def parse(text: str) -> Callable[[Any], list[Any]]:
    """The values that the path `text` (beginning with `$`) selects, in order. Raises `BadPath`."""
    reader = _Reader(text)
    reader.expect("$")
    select = reader.segments()
    reader.expect_end()
    return lambda document: select(document, document)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    # Tokens

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _accept(self, mark: str) -> bool:
        taken = self._token.kind == "mark" and self._token.text == mark
        self._next += taken
        return taken

    def expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise self._unexpected()

    def expect_end(self) -> None:
        if self._token.kind != "end":
            raise self._unexpected()

    def _unexpected(self) -> BadPath:
        token = self._token
        what = f"'{token.text}'" if token.text else "end"
        return BadPath(f"unexpected {what} at position {token.start + 1} of {self._text!r}")

    # Paths

    def segments(self) -> Select:
        steps: list[Select] = []
        while True:
            if self._accept(".."):
                inner = self._bracket() if self._accept("[") else self._shorthand()
                steps.append(lambda node, root, inner=inner: [hit for each in _descend(node) for hit in inner(each, root)])
            elif self._accept("."):
                steps.append(self._shorthand())
            elif self._accept("["):
                steps.append(self._bracket())
            else:
                return lambda node, root: _walk(steps, node, root)

    def _shorthand(self) -> Select:
        if self._accept("*"):
            return _children
        if self._token.kind != "name":
            raise self._unexpected()
        return _member(self._take().text)

    def _bracket(self) -> Select:
        selectors = [self._selector()]
        while self._accept(","):
            selectors.append(self._selector())
        self.expect("]")
        return lambda node, root: [hit for select in selectors for hit in select(node, root)]

    def _selector(self) -> Select:
        if self._accept("*"):
            return _children
        if self._accept("?"):
            test = self._either()
            return lambda node, root: [child for child in _children(node, root) if test(child, root)]
        if self._token.kind == "string":
            return _member(_unquote(self._take().text))
        start = self._integer()
        if not self._accept(":"):
            if start is None:
                raise self._unexpected()
            return lambda node, _: node[start : start + 1 or None] if isinstance(node, list) else []
        stop = self._integer()
        step = self._integer() if self._accept(":") else None
        return lambda node, _: node[start:stop:step] if isinstance(node, list) and step != 0 else []

    def _integer(self) -> int | None:
        if self._token.kind != "number" or not re.fullmatch(r"-?\d+", self._token.text):
            return None
        return int(self._take().text)

    # Filters

    def _either(self) -> Test:
        tests = [self._both()]
        while self._accept("||"):
            tests.append(self._both())
        return lambda node, root: any(test(node, root) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self._accept("&&"):
            tests.append(self._single())
        return lambda node, root: all(test(node, root) for test in tests)

    def _single(self) -> Test:
        if self._accept("!"):
            test = self._single()
            return lambda node, root: not test(node, root)
        if self._accept("("):
            test = self._either()
            self.expect(")")
            return test
        is_path = self._token.text in ("@", "$") and self._token.kind == "mark"
        left = self._operand()
        if self._token.text not in ("==", "!=", "<", "<=", ">", ">="):
            if not is_path:
                raise self._unexpected()
            return lambda node, root: bool(left(node, root))
        compare, right = self._take().text, self._operand()
        return lambda node, root: _compare(compare, left(node, root), right(node, root))

    def _operand(self) -> Select:
        if self._accept("@"):
            return self.segments()
        if self._accept("$"):
            path = self.segments()
            return lambda _, root: path(root, root)
        token = self._token
        if token.kind == "string":
            value: Any = _unquote(token.text)
        elif token.kind == "number":
            value = json.loads(token.text)
        elif token.text in LITERALS:
            value = LITERALS[token.text]
        else:
            raise self._unexpected()
        self._take()
        return lambda _, __: [value]


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while text[position:].strip():
        match = TOKENS.match(text, position)
        if not match or not match.lastgroup:
            raise BadPath(f"unexpected '{text[position:].lstrip()[0]}' at position {position + 1} of {text!r}")
        yield Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
        position = match.end()
    yield Token("end", "", len(text))


def _unquote(text: str) -> str:
    body = text[1:-1]
    return json.loads('"' + (body if text[0] == '"' else body.replace("\\'", "'").replace('"', '\\"')) + '"')


def _walk(steps: list[Select], node: Any, root: Any) -> list[Any]:
    nodes = [node]
    for step in steps:
        nodes = [hit for each in nodes for hit in step(each, root)]
    return nodes


def _member(name: str) -> Select:
    return lambda node, _: [node[name]] if isinstance(node, dict) and name in node else []


def _children(node: Any, _: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else list(node) if isinstance(node, list) else []


def _descend(node: Any) -> Iterator[Any]:
    yield node
    for child in _children(node, None):
        yield from _descend(child)


def _compare(mark: str, left: list[Any], right: list[Any]) -> bool:
    """Comparison of the single value on each side; a path that selects none equals only another such path."""
    first, second = (nodes[0] if nodes else NOTHING for nodes in (left, right))
    equal = first == second and (type(first) is type(second) or _both_numbers(first, second))
    if mark in ("==", "!="):
        return equal == (mark == "==")
    ordered = _both_numbers(first, second) or (isinstance(first, str) and isinstance(second, str))
    return (mark.endswith("=") and equal) or bool(ordered and COMPARE[mark[0]](first, second))


def _both_numbers(first: Any, second: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in (first, second))
