"""The contract of a chart's values: a key that the chart has not is passed over by Helm without a word, and so is a slip in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

from headroom.catalog.charts.tree import ANY, LIST, MAP, OTHERS, SCALAR, Tree

_SHOWN = 8
_PLACES = 3
_ALIKE = 0.8
_SLIP = 0.9
"""Keys as alike as this are the same key with a slip: `enable` for `enabled`."""


@dataclass(frozen=True)
class Deviation:
    """A key that a chart has not, or whose value is of another type."""

    path: tuple[str, ...]
    message: str

    @property
    def dotted(self) -> str:
        return ".".join(self.path)


def deviations(values: Mapping[str, Any], tree: Tree) -> Iterator[Deviation]:
    """Where values depart from the tree of their chart, with the nearest right key or the right type. No value is repeated."""
    yield from _below((), values, tree)


def _below(path: tuple[str, ...], value: Any, tree: Tree) -> Iterator[Deviation]:
    # Helm takes null for "without the chart's default", whatever that is.
    if value is None:
        return
    if isinstance(tree, str):
        words = tree.split("|")
        if not any(_is(value, word) for word in words):
            yield Deviation(path, f"must be {' or '.join(_TITLES[word] for word in words)}, and is {_kind(value)}")
    elif not isinstance(value, Mapping):
        yield Deviation(path, f"must be a mapping of {_some(tree)}, and is {_kind(value)}")
    else:
        for key, below in value.items():
            if _is_known(str(key), tree):
                yield from _below((*path, str(key)), below, tree.get(str(key), tree.get(OTHERS, ANY)))
            else:
                yield Deviation((*path, str(key)), f"is not a value of the chart: {_instead(path, str(key), tree)}")


def _is_known(key: str, tree: Mapping[str, Tree]) -> bool:
    """In an open mapping any key may stand, but one that is all but a key of the chart's own."""
    if key in tree or OTHERS not in tree:
        return key in tree
    return tree[OTHERS] != ANY or not get_close_matches(key, tree, n=1, cutoff=_SLIP)


def _instead(path: tuple[str, ...], key: str, tree: Mapping[str, Tree]) -> str:
    """What may be meant: the same key with a slip, the same key further down, or a key that is somewhat like it."""
    known = [name for name in tree if name != OTHERS]
    near = get_close_matches(key, known, n=1)
    slip = [(name,) for name in near if get_close_matches(key, [name], cutoff=_ALIKE)]
    meant = slip or list(islice(_places(key, tree), _PLACES)) or [(name,) for name in near]
    if meant:
        return f"did you mean {' or '.join('.'.join((*path, *place)) for place in meant)}?"
    return f"{'.'.join(path) or 'it'} has {_some(tree)}"


def _places(key: str, tree: Tree) -> Iterator[tuple[str, ...]]:
    """Where a key is that was written too far up."""
    for name, below in tree.items() if isinstance(tree, Mapping) else ():
        if name == key:
            yield (name,)
        yield from ((name, *rest) for rest in _places(key, below))


def _some(tree: Mapping[str, Tree]) -> str:
    keys = [key for key in tree if key != OTHERS]
    return ", ".join(keys[:_SHOWN]) + (", …" if len(keys) > _SHOWN else "")


def _is(value: Any, word: str) -> bool:
    if word == ANY:
        return True
    if word == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if word == SCALAR:
        return isinstance(value, str | int | float)
    return _kind(value) == _TITLES[word]


_TITLES = {
    "bool": "true or false",
    "int": "a whole number",
    "number": "a number",
    "string": "text",
    SCALAR: "text or a number",
    LIST: "a list",
    MAP: "a mapping",
    ANY: "anything",
}
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "number"),
    (str, "string"),
    (list, LIST),
    (tuple, LIST),
    (Mapping, MAP),
)


def _kind(value: Any) -> str:
    return next((_TITLES[word] for kind, word in _KINDS if isinstance(value, kind)), "something else")
