"""One object as read, with the line of every value, and a cursor that reads any shape without failing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from headroom.wiring.values import Unknown, duration, quantity

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class ObjectRef:
    """Names one object. `namespace` is empty where the manifest leaves it to whoever applies it, or it is known later."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        group, slash, _ = self.api_version.partition("/")
        return group if slash else ""

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Place:
    """Where a fact was read: the object, and file and line where there is a file."""

    object: ObjectRef
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, eq=False)
class Document:
    """One object (or one file of Helm values) and where its parts stand."""

    body: Mapping[str, Any]
    file: str | None = None
    lines: Mapping[Path, int] = field(default_factory=dict)
    release: str | None = None
    """Helm values: the release they belong to, where that is known."""
    namespace: str | None = None
    """Helm values: the namespace of that release, where it is known."""
    protected: bool | None = None
    """A Pulumi resource: whether Pulumi refuses to delete it, or leaves it behind. None where the input is no such resource."""
    is_patch: bool = False
    """Whether it is a part of an object, to be laid over one that is elsewhere."""

    @property
    def ref(self) -> ObjectRef:
        metadata = self.body.get("metadata")
        named = metadata if isinstance(metadata, Mapping) else {}
        return ObjectRef(
            str(self.body.get("apiVersion") or ""),
            str(self.body.get("kind") or "Values"),
            _plain(named.get("namespace"), ""),
            _plain(named.get("name") or named.get("generateName") or self.release, "(known later)"),
        )

    def place(self, path: Path = ()) -> Place:
        """The line of the value at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return Place(self.ref, self.file, self.lines.get(path))


OURS = "headroom.dev"
"""The group of objects that the verifier makes of what is none, and what its annotations begin with."""
PULUMI_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands in a preview's inputs for a value that is known after the update (pulumi/pulumi sdk/go/common/resource/plugin/rpc.go)."""

_SECRET = "4dabf18193072939515e22adb298388d"
"""The key under which Pulumi's JSON holds a secret (pulumi/pulumi sdk/go/common/resource/sig/sig.go)."""
_UNFILLED = re.compile(rf"{PULUMI_UNKNOWN}|\$\{{[A-Za-z_]\w*(:?[-=?+][^}}]*)?\}}|\{{\{{.*\}}\}}")


def known(value: object) -> object:
    """The value, or `Unknown` where it is a hole that something else fills later."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, str):
        return Unknown(f"the value is filled in later ({value})") if _UNFILLED.search(value) else value
    if isinstance(value, Mapping) and _SECRET in value:
        return Unknown("the value is a secret")
    if value is None or isinstance(value, bool | int | float | list | tuple | Mapping):
        return value
    return Unknown(f"the value is known after deployment ({type(value).__name__})")


def _plain(value: object, hole: str) -> str:
    return hole if isinstance(known(value), Unknown) else str(value or "")


@dataclass(frozen=True, eq=False)
class Cursor:
    """A value inside a document. What is absent reads as None, what has another shape or is a hole reads as `Unknown`."""

    document: Document
    value: Any
    path: Path = ()

    @classmethod
    def of(cls, document: Document) -> Cursor:
        return cls(document, document.body)

    @property
    def place(self) -> Place:
        return self.document.place(self.path)

    @property
    def exists(self) -> bool:
        return self.value is not None

    def __getitem__(self, key: str) -> Cursor:
        holder = known(self.value)
        if isinstance(holder, Unknown):
            value: Any = holder
        else:
            value = holder.get(key) if isinstance(holder, Mapping) else None
        return Cursor(self.document, value, (*self.path, key))

    def at(self, *keys: str) -> Cursor:
        cursor = self
        for key in keys:
            cursor = cursor[key]
        return cursor

    def items(self) -> Iterator[Cursor]:
        """The elements of a list. A list that is a hole yields one element that is a hole, so that nobody takes it for empty."""
        value = known(self.value)
        if isinstance(value, list | tuple):
            for index, element in enumerate(value):
                yield Cursor(self.document, element, (*self.path, index))
        elif value is not None:
            yield Cursor(self.document, value if isinstance(value, Unknown) else Unknown("this is not a list"), self.path)

    def pairs(self) -> Iterator[tuple[str, Cursor]]:
        value = known(self.value)
        if isinstance(value, Mapping):
            for key in value:
                yield str(key), self[key]

    def text(self) -> str | Unknown | None:
        return self._read(lambda value: value if isinstance(value, str) else None, "text")

    def raw(self) -> str | Unknown | None:
        """Text that is taken as it stands, with `${name}` and the like in it."""
        if isinstance(self.value, str):
            return Unknown("the value is known after deployment") if PULUMI_UNKNOWN in self.value else self.value
        return None if self.value is None else Unknown(f"{self.value!r} is not text")

    def text_or_number(self) -> str | int | Unknown | None:
        return self._read(lambda value: value if isinstance(value, str | int) and not isinstance(value, bool) else None, "text or a number")

    def count(self) -> int | Unknown | None:
        return self._read(lambda value: value if isinstance(value, int) and not isinstance(value, bool) else None, "a whole number")

    def flag(self) -> bool | Unknown | None:
        return self._read(lambda value: value if isinstance(value, bool) else None, "true or false")

    def quantity(self) -> Decimal | Unknown | None:
        return self._read(lambda value: None if isinstance(value, bool | list | Mapping) else quantity(str(value)), "a quantity")

    def duration(self) -> float | Unknown | None:
        """Seconds. The empty text counts as absent, as Helm charts write it."""
        if self.value == "":
            return None
        return self._read(lambda value: duration(value) if isinstance(value, str) else None, "a duration")

    def labels(self) -> Mapping[str, str | Unknown] | Unknown:
        value = known(self.value)
        if isinstance(value, Unknown):
            return value
        return {key: _label(cursor) for key, cursor in self.pairs()}

    def texts(self) -> tuple[str | Unknown, ...]:
        return tuple(_label(element) for element in self.items())

    def _read(self, read: Any, shape: str) -> Any:
        value = known(self.value)
        if value is None or isinstance(value, Unknown):
            return value
        result = read(value)
        return Unknown(f"{value!r} is not {shape}") if result is None else result


def _label(cursor: Cursor) -> str | Unknown:
    value = known(cursor.value)
    if isinstance(value, Unknown):
        return value
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
