"""What changes between the object as recorded and new inputs, path by path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from headroom.plugins.kubernetes.awaiting.objects import at
from headroom.plugins.kubernetes.client import Object
from headroom.plugins.kubernetes.naming import is_autonamed
from headroom.plugins.kubernetes.paths import Step, covers, dotted, parse
from headroom.plugins.kubernetes.properties import UNKNOWN
from headroom.plugins.kubernetes.prune import prune
from headroom.plugins.kubernetes.replacement import Replacing

Kind = Literal["add", "update", "delete"]


@dataclass(frozen=True)
class Change:
    """One changed path. A deletion is told as a difference between inputs, all else as one from the recorded state."""

    path: tuple[Step, ...]
    kind: Kind
    replaces: bool

    @property
    def input_diff(self) -> bool:
        return self.kind == "delete"

    def __str__(self) -> str:
        return dotted(self.path)


def changes(live: Object, old_inputs: Object, new_inputs: Object, replacing: Replacing, ignored: Sequence[str] = ()) -> list[Change]:
    """Differences between `live`, cut to the shape of `old_inputs`, and `new_inputs`; all of them plain and normalised.

    Paths at or below one of `ignored` are left out: a refresh asks with the recorded values of ignored fields.
    """
    unseen = [parse(text) for text in ignored]
    found = _compare(prune(live, old_inputs), new_inputs, ())
    return [Change(path, kind, replacing.on(_keys(path))) for path, kind in found if not any(covers(top, path) for top in unseen)]


def deletes_first(live: Object, new_inputs: Object) -> bool:
    """Whether a replacement has to take the old object away first: it keeps an explicit name in the same namespace."""
    old, new = (tuple(at(each, "metadata", key) for key in ("name", "namespace")) for each in (live, new_inputs))
    return old == new and not is_autonamed(new_inputs)


def _keys(path: tuple[Step, ...]) -> tuple[str, ...]:
    return tuple(step for step in path if isinstance(step, str))


def _compare(old: Any, new: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Kind]]:
    if isinstance(old, dict) and (isinstance(new, dict) or new is UNKNOWN):
        yield from _compare_maps(old, {} if new is UNKNOWN else new, path)
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from _compare(before, after, (*path, index))
        for index in range(len(new), len(old)):
            yield (*path, index), "delete"
        for index in range(len(old), len(new)):
            yield (*path, index), "add"
    elif type(old) is not type(new) or old != new:
        yield path, "update"


def _compare_maps(old: Object, new: Object, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Kind]]:
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield (*path, key), "delete"
        elif key not in old:
            yield (*path, key), "add"
        else:
            yield from _compare(old[key], new[key], (*path, key))
