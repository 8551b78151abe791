"""What differs between two values: paths as a reader names them, and each side as it may be shown.

Secrets in an event: pulumi/pulumi pkg/backend/display/display.go writes `[secret]`; in a preview's JSON they carry the signature of
sdk/go/common/resource/sig/sig.go. What was or becomes secret is shown on neither side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from headroom.wiring.document import PULUMI_UNKNOWN
from headroom.wiring.secrets import without_secrets

SECRET = "[secret]"
COMPUTED = "computed"
"""What is known after the update."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_ENGINES_OWN = frozenset({"__defaults", "__provider", "__internal"})
"""Keys that providers keep for themselves among inputs."""
_SERVERS_OWN = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"})
"""Keys in the metadata of a live object that the API server writes."""
_KEYS = ("name", "key", "alert", "record", "containerPort", "port", "mountPath", "type")
"""What tells the elements of a list apart, in this order; an element's place tells little."""
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")
_PART = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')


class Absent(Enum):
    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True)
class Difference:
    """One value that is not the same on both sides; `ABSENT` where a side has none."""

    path: str
    before: Any
    after: Any
    replaces: bool = False
    """Whether the resource is replaced because of it."""


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[Difference, ...]:
    """Every difference, in the order of the new value; secrets are `[secret]` on both sides."""
    return tuple(_differ(presentable(before or {}), presentable(after or {}), ""))


def presentable(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Inputs as they may be shown: no secret, nothing that a provider keeps for itself, the engine's sentinels in words."""
    of_a_secret = body.get("kind") == "Secret"
    shown: dict[str, Any] = {key: _shown(value) for key, value in body.items() if key not in _ENGINES_OWN}
    if isinstance(metadata := shown.get("metadata"), Mapping):
        shown["metadata"] = {key: value for key, value in metadata.items() if key not in _SERVERS_OWN}
    if of_a_secret:
        shown |= {key: dict.fromkeys(shown[key], SECRET) for key in ("data", "stringData") if isinstance(shown.get(key), Mapping)}
    return without_secrets(shown)


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return SECRET
        return {str(key): _shown(entry) for key, entry in value.items() if key not in _ENGINES_OWN}
    if isinstance(value, list | tuple):
        return [_shown(entry) for entry in value]
    if isinstance(value, str) and PULUMI_UNKNOWN in value:
        return value.replace(PULUMI_UNKNOWN, f"({COMPUTED})") if value != PULUMI_UNKNOWN else f"({COMPUTED})"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _differ(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if before == after:
        return
    if SECRET in (before, after):
        yield Difference(path, before if before is ABSENT else SECRET, after if after is ABSENT else SECRET)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in (*after, *(key for key in before if key not in after)):
            yield from _differ(before.get(key, ABSENT), after.get(key, ABSENT), joined(path, str(key)))
    elif isinstance(before, list) and isinstance(after, list) and (named := _by_name(before, after)):
        olds, news = named
        for name in (*news, *(name for name in olds if name not in news)):
            yield from _differ(olds.get(name, ABSENT), news.get(name, ABSENT), f"{path}[{name}]")
    else:
        yield Difference(path, before, after)


def _by_name(before: list[Any], after: list[Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Both lists by what names their elements; None where nothing names all of them once."""
    for key in _KEYS:
        sides = [{str(entry[key]): entry for entry in side if isinstance(entry, Mapping) and key in entry} for side in (before, after)]
        if (before or after) and [len(side) for side in sides] == [len(before), len(after)]:
            return sides[0], sides[1]
    return None


def joined(path: str, key: str) -> str:
    """A path and a key in it, in the engine's notation."""
    if _PLAIN.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key)}]"


def parts(path: str) -> tuple[str | int, ...]:
    """The keys and places of a path in the engine's notation."""
    found = _PART.finditer(path)
    return tuple(
        match[1] if match[1] is not None else int(match[2]) if match[2] is not None else json.loads(f'"{match[3]}"') for match in found
    )


def named(path: str, *bodies: Mapping[str, Any] | None) -> str:
    """A path of the engine with the names of elements in place of their numbers, as far as one of the bodies tells them."""
    shown, values = "", list(bodies)
    for part in parts(path):
        here = [_at(value, part) for value in values]
        if isinstance(part, int):
            names = [str(entry[key]) for entry in here if isinstance(entry, Mapping) for key in _KEYS if key in entry]
            shown += f"[{names[0] if names else part}]"
        else:
            shown = joined(shown, part)
        values = here
    return shown


def _at(value: Any, part: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None
