"""Values on the wire against the types of the SDK: what is missing, unknown or of another type, with its path."""

from __future__ import annotations

import difflib
import inspect
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from headroom.plugins.kubernetes.properties import UNKNOWN, Secret
from headroom.plugins.recording.sdk import Fields, alternatives, fields, is_object

# What engine and provider add to the arguments of a program.
_OWN = frozenset({"__defaults", "__createBeforeDelete", "__internal", "version", "pluginDownloadURL"})
_PLAIN = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class Problem:
    path: str
    message: str
    kind: Literal["unknown", "missing", "type"] = "type"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def check(values: Mapping[str, Any], allowed: Fields, path: str = "") -> list[Problem]:
    """Everything wrong with an object, parts of it included. What is not known yet may be anything."""
    return list(_object(values, allowed, path))


def _object(values: Mapping[str, Any], allowed: Fields, path: str) -> Iterator[Problem]:
    for name in sorted(values.keys() - allowed.keys()):
        if path or name not in _OWN:
            yield Problem(_below(path, name), _unknown(name, allowed), "unknown")
    for name, field in allowed.items():
        value = values.get(name)
        if value is not None:
            yield from _value(value, field.types, _below(path, name))
        elif field.required:
            yield Problem(_below(path, name), "is required and not given", "missing")


def _value(value: Any, types: Sequence[Any], path: str) -> Iterator[Problem]:
    if isinstance(value, Secret):
        yield from _value(value.value, types, path)
        return
    if value is UNKNOWN or not types:
        return
    found = [list(_typed(value, each, path)) for each in types]
    if all(found):
        # Of several types the one that fits best says what is wrong.
        yield from min(found, key=lambda problems: (any(each.path == path for each in problems), len(problems)))


def _typed(value: Any, type_: Any, path: str) -> Iterator[Problem]:
    origin = typing.get_origin(type_)
    if origin in (Sequence, list):
        yield from _list(value, typing.get_args(type_)[0], path)
    elif origin in (Mapping, dict):
        yield from _mapping(value, typing.get_args(type_)[1], path)
    elif is_object(type_):
        if isinstance(value, dict):
            yield from _object(value, fields(type_), path)
        else:
            yield Problem(path, f"is {_kind(value)} and must be an object of {', '.join(fields(type_))}")
    elif inspect.isclass(type_) and issubclass(type_, Enum):
        known = [each.value for each in type_]
        if value not in known:
            yield Problem(path, f"is none of {', '.join(map(str, known))}{_meant(value, known)}")
    elif type_ in _PLAIN and not _is_plain(value, type_):
        yield Problem(path, f"is {_kind(value)} and must be {_PLAIN[type_]}")


def _list(value: Any, item: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path, f"is {_kind(value)} and must be a list")
        return
    for number, each in enumerate(value):
        yield from _value(each, alternatives(item), f"{path}[{number}]")


def _mapping(value: Any, item: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path, f"is {_kind(value)} and must be a map")
        return
    for key, each in value.items():
        yield from _value(each, alternatives(item), _below(path, key))


def _is_plain(value: Any, type_: type) -> bool:
    if type_ is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type_


def _unknown(name: str, allowed: Fields) -> str:
    return f"is no argument{_meant(name, list(allowed))}; there are {', '.join(sorted(allowed))}"


def _meant(given: Any, known: Sequence[Any]) -> str:
    names = {str(each).lower().replace("_", ""): str(each) for each in known}
    close = difflib.get_close_matches(str(given).lower().replace("_", ""), names, n=1)
    return f": did you mean {names[close[0]]}?" if close else ""


def _kind(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return _PLAIN.get(type(value), type(value).__name__)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
