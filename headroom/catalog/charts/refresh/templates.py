"""What the templates of a chart read of its values, as far as Go's template language tells without running it.

A chart's `values.yaml` shows the keys that have a default. Templates also read keys that have none, and hand whole mappings on, whose
keys are then the user's. Both are found by following `.Values`, the dot of `with` and `range`, and variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Path = tuple[str, ...]
EACH = "*"
"""Part of a path that stands for every key of a mapping, or item of a list."""


@dataclass
class Reads:
    """What is read."""

    keys: set[Path] = field(default_factory=set)
    whole: set[Path] = field(default_factory=set)
    """Mappings that are handed on as a whole."""
    asked: set[Path] = field(default_factory=set)
    """What templates ask the type of: it may be one or another."""
    optional: set[Path] = field(default_factory=set)
    """What is written out where it is set: `{{ if .Values.limit }}limit: {{ .Values.limit }}{{ end }}`."""


_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`')
_REFERENCE = re.compile(r"(?<![\w.)\]])(\$\w*)?((?:\.[A-Za-z_]\w*)+|\.(?![\w.]))|(?<![\w.])(\$\w+)")
_NESTED = re.compile(r"\(\s*((?:\$\w*)?(?:\.[A-Za-z_]\w*)+)\s*\)(?=\.[A-Za-z_])")
_INDEX = re.compile(r'\bindex\s+(\S*\.Values(?:\.\w+)*)((?:\s+"[\w.-]+")+)')
_GET = re.compile(r'\b(?:get|hasKey|pluck)\s+(\S*\.Values(?:\.\w+)*)\s+"([\w.-]+)"')
_ASKED = re.compile(r'\b(?:(?:kindIs|typeIs)\s+"(?!invalid)[^"]+"|typeOf|kindOf)\s+((?:\$\w*)?(?:\.[A-Za-z_]\w*)+|\.)(?=[\s)|]|$)')
_ASSIGNED = re.compile(r"^(\$\w+)\s*:?=\s*(.*)$", re.DOTALL)
_LOOP = re.compile(r"^(?:\$\w+\s*,\s*)?(\$\w+)\s*:=\s*(.*)$", re.DOTALL)
_INCLUDED = re.compile(r'\b(?:include|template)\s+"([^"]+)"\s+((?:\$\w*)?(?:\.[A-Za-z_]\w*)+|\.)(?=[\s)|]|$)')
"""A helper that is given one thing; a helper that is given more reads a mapping of its own."""
_HANDED_ON = re.compile(
    r"\b(?:toYaml|toJson|toPrettyJson|toRawJson|toToml|merge\w*|mustMerge\w*|deepCopy|keys|values|omit|pick|tpl|include|template|dict)\b"
)
_PLAIN = re.compile(r"^\(*\s*((?:\$\w*)?(?:\.[A-Za-z_]\w*)+)\s*\)*$")
_NAMED = re.compile(r'^define\s+"([^"]+)"')
_BLOCKS = ("if", "with", "range", "define", "block")


def reads(templates: Iterable[str]) -> Reads:
    """What all templates of a chart read together."""
    found, texts = Reads(), [_actions(text) for text in templates]
    helpers = {name: body for actions in texts for name, body in _helpers(actions)}
    for actions in texts:
        _Reader(found, helpers, _ROOT).read(actions)
    return found


def _actions(text: str) -> list[str]:
    return [match[1] for match in _ACTION.finditer(text) if not match[1].startswith("/*")]


def _helpers(actions: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """The named templates of a file with their actions."""
    for start, action in enumerate(actions):
        if match := _NAMED.match(action):
            depth = 1
            for end in range(start + 1, len(actions)):
                word = actions[end].partition(" ")[0]
                depth += (word in _BLOCKS) - (word == "end")
                if depth == 0:
                    yield match[1], actions[start + 1 : end]
                    break


class _Reader:
    """Reads actions one after the other. The dot is a path of the values where that is known, None elsewhere, `_ROOT` at the root."""

    def __init__(self, found: Reads, helpers: Mapping[str, Sequence[str]], dot: Path | None, within: frozenset[str] = frozenset()):
        self._found = found
        self._helpers = helpers
        self._within = within
        self._blocks: list[Path | None] = []
        self._conditions: list[Path | None] = []
        self._dot = dot
        self._variables: dict[str, Path] = {}

    def read(self, actions: Sequence[str]) -> None:
        for action in actions:
            self._action(action)

    def _action(self, action: str) -> None:
        word, _, rest = action.partition(" ")
        if word == "end":
            self._dot = self._blocks.pop() if self._blocks else _ROOT
            del self._conditions[-1:]
        elif word == "else":
            self._dot = self._blocks[-1] if self._blocks else _ROOT
            if rest.startswith(("if ", "with ")):
                self._open(*rest.split(" ", 1))
        elif word in _BLOCKS:
            self._blocks.append(self._dot)
            self._conditions.append(self._plain(rest) if word == "if" else None)
            self._open(word, rest)
        else:
            self._found.optional.update(path for path in (self._plain(action.partition("|")[0]),) if path and path in self._conditions)
            assigned = _ASSIGNED.match(action)
            self._note(assigned[2] if assigned else action)
            if assigned and (path := self._plain(assigned[2])) is not None:
                self._variables[assigned[1]] = path

    def _open(self, word: str, rest: str) -> None:
        if word in ("define", "block"):
            self._dot = _ROOT
            return
        assigned = (_LOOP if word == "range" else _ASSIGNED).match(rest)
        expression = assigned[2] if assigned else rest
        self._note(expression, looped=word == "range")
        path = self._plain(expression)
        if word == "range":
            path = None if path is None else (*path, EACH)
        if assigned and path is not None:
            self._variables[assigned[1]] = path
        if word != "if":
            self._dot = path

    def _plain(self, expression: str) -> Path | None:
        """The path that an expression is, where it is nothing else."""
        match = _PLAIN.match(_unnested(expression).strip())
        return self._path(match[1]) if match else None

    def _note(self, expression: str, *, looped: bool = False) -> None:
        expression = _unnested(expression)
        for holder, keys in _INDEX.findall(expression):
            if (path := self._path(holder)) is not None:
                self._found.keys.add((*path, *re.findall(r'"([^"]+)"', keys)))
        for holder, key in _GET.findall(expression):
            if (path := self._path(holder)) is not None:
                self._found.keys.add((*path, key))
        self._found.asked.update(path for path in map(self._path, _ASKED.findall(expression)) if path)
        for name, given in _INCLUDED.findall(expression):
            self._include(name, self._path(given))
        expression = _INCLUDED.sub("", expression)
        handed_on = looped or bool(_HANDED_ON.search(_TEXT.sub("", expression)))
        for match in _REFERENCE.finditer(_TEXT.sub('""', expression)):
            path = self._path(match[0])
            if path:
                self._found.keys.add(path)
                if handed_on:
                    self._found.whole.add(path)

    def _include(self, name: str, given: Path | None) -> None:
        """A helper reads what it is given as its dot; at the root each is read anyway."""
        if given and name not in self._within:
            self._found.keys.add(given)
            _Reader(self._found, self._helpers, given, self._within | {name}).read(self._helpers.get(name, ()))

    def _path(self, reference: str) -> Path | None:
        """The path of the values that a reference names, the root's being empty; None where that cannot be told."""
        variable, _, fields = reference.partition(".")
        names = tuple(name for name in fields.split(".") if name)
        if "Values" in names:
            return names[names.index("Values") + 1 :]
        if variable in self._variables:
            return (*self._variables[variable], *names)
        if variable or self._dot is None or self._dot is _ROOT:
            return None
        return (*self._dot, *names)


_ROOT: Path = ("$",)


def _unnested(expression: str) -> str:
    """`((.Values.a).b).c` as `.Values.a.b.c`."""
    while (shorter := _NESTED.sub(r"\1", expression)) != expression:
        expression = shorter
    return expression
