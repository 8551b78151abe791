"""What changes between old and new arguments, and whether that is a new resource in the provider's eyes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from headroom.plugins.kubernetes.properties import plain
from headroom.plugins.recording.names import CREATED_FIRST, DEFAULTS, is_explicit
from headroom.plugins.recording.replaces import rules

Kind = Literal["add", "update", "delete"]


_Found = tuple[str, Kind, tuple[str, ...]]
"""Where a change is, what it is, and the names of everything that it touches, without positions in lists."""


@dataclass(frozen=True)
class Change:
    """`path` as the engine shows it, positions in lists included."""

    path: str
    kind: Kind
    replaces: bool


@dataclass(frozen=True)
class Difference:
    changes: tuple[Change, ...]
    deletes_first: bool

    @property
    def replaces(self) -> list[str]:
        return sorted({change.path for change in self.changes if change.replaces})


def configuration(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Of a provider: a change of it replaces nothing."""
    return tuple(Change(path, kind, replaces=False) for path, kind, _ in _found(old, new))


def difference(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """Of two sets of arguments of one resource. Raises `NotLookedUp`."""
    found = list(_found(old, new))
    if not found:
        return Difference((), deletes_first=False)
    replaces = rules(token)
    changes = tuple(Change(path, kind, any(map(replaces.on, leaves))) for path, kind, leaves in found)
    replaced = any(change.replaces for change in changes)
    return Difference(changes, replaced and _deletes_first(token, old, new))


def _deletes_first(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Azure's provider: unless it made the name up. The bridged ones: where the program gives the name, changed or not.

    Sources: pulumi-azure-native provider/pkg/provider/provider.go (`deleteBeforeReplace`); pulumi-terraform-bridge
    pkg/tfbridge/schema.go (`nameRequiresDeleteBeforeReplace`). `delete_before_replace` of the program overrides both.
    """
    if token.startswith("azure-native:"):
        return not old.get(CREATED_FIRST, False)
    return is_explicit(token, new)


def _found(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[_Found]:
    return _maps(plain(_shown(old)), plain(_shown(new)), "", "")


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in (DEFAULTS, CREATED_FIRST)}


def _maps(old: dict[str, Any], new: dict[str, Any], path: str, keys: str) -> Iterator[_Found]:
    for key in sorted(old.keys() | new.keys()):
        below, keys_below = (f"{path}.{key}" if path else key), (f"{keys}.{key}" if keys else key)
        if key not in new:
            yield below, "delete", tuple(_leaves(old[key], keys_below))
        elif key not in old:
            yield below, "add", tuple(_leaves(new[key], keys_below))
        else:
            yield from _values(old[key], new[key], below, keys_below)


def _values(old: Any, new: Any, path: str, keys: str) -> Iterator[_Found]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _maps(old, new, path, keys)
    elif isinstance(old, list) and isinstance(new, list):
        for number, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from _values(before, after, f"{path}[{number}]", keys)
        for number in range(len(new), len(old)):
            yield f"{path}[{number}]", "delete", tuple(_leaves(old[number], keys))
        for number in range(len(old), len(new)):
            yield f"{path}[{number}]", "add", tuple(_leaves(new[number], keys))
    elif old != new:
        yield path, "update", (keys,)


def _leaves(value: Any, keys: str) -> Iterator[str]:
    yield keys
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{keys}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, keys)
