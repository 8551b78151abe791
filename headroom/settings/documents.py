"""The YAML document that a stack file is, read as Pulumi reads it, and in which words it is refused when it is none."""

from __future__ import annotations

import re
from typing import Any

import yaml

from headroom import yaml_text
from headroom.settings.problems import Problem

LARGEST = 100_000
"""Values of one file with every alias written out: aliases of aliases could make a page of YAML fill the memory."""

_TAGS = "tag:yaml.org,2002:"
_TO_BASE_60 = (f"{_TAGS}int", f"{_TAGS}float")


class _Loader(yaml_text.Loader):
    """YAML 1.1 as Pulumi reads it: `1:30` and `=` stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile(f"(?!.*:){pattern.pattern}", re.VERBOSE) if tag in _TO_BASE_60 else pattern)
        for tag, pattern in resolvers
        if tag != f"{_TAGS}value"
    ]
    for first, resolvers in yaml_text.Loader.yaml_implicit_resolvers.items()
}


class _Refused(yaml.MarkedYAMLError):
    """What is YAML and no stack file; its `problem` is in our words."""


class _Constructor(yaml.SafeLoader):
    """Plain values. Raises with the line also where a date or a number is none."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:
            problem = "has a value that looks like a date or a number and is none: put it in quotes"
            raise _Refused(problem=problem, problem_mark=node.start_mark) from None


# The parser's own words may repeat a part of the file.
_SYNTAX = (
    "is not YAML that can be read: look for a tab, an unclosed quote or bracket, "
    "or a value that begins with *, & or ! and needs quotes around it"
)
_NOT_UTF_8 = "is not text in UTF-8: save it in that encoding"
_CONTROL_CHARACTER = "has a control character, which YAML does not allow; a file in UTF-16 is full of them: save it in UTF-8"
_TOO_DEEP = "is nested too deep, its aliases written out"
_IN_OTHER_WORDS = {
    "but found another document": "has a second document: one file is one stack; take out the line ---",
    "found undefined alias": "has an alias (*) whose anchor (&) is not before it: write the anchor, or put the value in quotes",
    "second occurrence": "has an anchor (&) that is in the file already: give it another name, or put the value in quotes",
    "could not determine a constructor": "has a tag (!), and tags are not read: take it out, or put the value in quotes",
    "expected a mapping or list of mappings for merging": "merges (<<) what is no mapping",
}
"""Why a document is refused, by how the parser begins to say it."""


def compose(text: str) -> yaml.Node | None:
    """The root of the text's one document; None where it is empty. Raises what `unreadable` has words for."""
    root = yaml.compose(text, Loader=_Loader)
    if root is not None and _size(root, {}) > LARGEST:
        raise _Refused(problem=f"has more than {LARGEST:,} values, its aliases written out")
    return root


def construct(node: yaml.Node) -> Any:
    """The plain value of a node. Raises what `unreadable` has words for."""
    return _Constructor("").construct_document(node)


def unreadable(error: Exception) -> Problem:
    """Why a text is no stack file, in words that repeat nothing of it."""
    mark = getattr(error, "problem_mark", None)
    return Problem((), _said(error), mark.line + 1 if mark else None)


def _said(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return _NOT_UTF_8
        case yaml.reader.ReaderError():
            return _CONTROL_CHARACTER
        case RecursionError():
            return _TOO_DEEP
        case _Refused() | yaml_text.TooDeep():
            return str(error.problem)
    theirs = getattr(error, "problem", None) or ""
    return next((ours for beginning, ours in _IN_OTHER_WORDS.items() if theirs.startswith(beginning)), _SYNTAX)


def _size(node: yaml.Node, known: dict[int, int | None]) -> int:
    """Values in a node with every alias written out. `known` has what is counted already, and None for what is being counted."""
    if id(node) not in known:
        known[id(node)] = None
        known[id(node)] = 1 + sum(_size(child, known) for child in _children(node))
    size = known[id(node)]
    if size is None:
        raise _Refused(problem="has an anchor (&) with an alias (*) of itself inside", problem_mark=node.start_mark)
    return size


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
