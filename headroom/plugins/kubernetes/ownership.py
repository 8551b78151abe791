"""Who owns which field of a live object (`metadata.managedFields`), and what an apply does about it."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Sequence
from typing import Any

from headroom.plugins.kubernetes.client import Object
from headroom.plugins.kubernetes.paths import Step, parse

CREATOR = "pulumi-kubernetes"
FORCE = "pulumi.com/patchForce"
MANAGER = "pulumi.com/patchFieldManager"

Entry = dict[str, Any]


def new_manager() -> str:
    """The name under which all updates of one object are applied, from its creation on."""
    return f"{CREATOR}-{secrets.token_hex(4)}"


def manager_for(inputs: Object, recorded: str) -> str:
    return _annotation(inputs, MANAGER) or recorded


def is_forced(inputs: Object, live: Object, *, preview: bool) -> bool:
    """Whether the apply takes fields from other managers.

    A preview must, as long as the object has not been applied yet: what its creation owns is in the way, and only an update moves it.
    """
    if _annotation(inputs, FORCE).lower() == "true":
        return True
    return preview and any(entry.get("manager") == CREATOR and entry.get("operation") == "Update" for entry in _entries(live))


def folded(live: Object, manager: str) -> list[Entry] | None:
    """managedFields in which what the creation and kubectl wrote belongs to `manager`'s applies; None when that is so already.

    Entries of subresources (`kubectl scale`) and of other managers stay as they are.
    """
    entries = copy.deepcopy(_entries(live))
    foldable = [entry for entry in entries if _is_foldable(entry)]
    if not foldable:
        return None
    own = next((entry for entry in entries if _applies(entry, manager)), None)
    if own is None:
        own = foldable.pop(0)
        own.update(manager=manager, operation="Apply")
    for entry in foldable:
        if entry.get("apiVersion") == own.get("apiVersion"):
            own["fieldsV1"] = _union(own.get("fieldsV1") or {}, entry.get("fieldsV1") or {})
        entries.remove(entry)
    return entries


def respecting_ignored(inputs: Object, live: Object, ignored: list[str], manager: str) -> Object:
    """The body of an apply that leaves ignored fields alone: not claimed when only others own them, else as they are now.

    What we own, too, has to be in it: an apply takes away what it no longer names. Paths into lists are not followed.
    """
    body = copy.deepcopy(inputs)
    for text in ignored:
        path = parse(text)
        if not _holds(body, path):
            continue
        owners = {_is_own(entry, manager) for entry in _entries(live) if _owns(entry, path)}
        if owners == {False}:
            _remove(body, path)
        elif _holds(live, path):
            _set(body, path, _get(live, path))
    return body


def _entries(live: Object) -> list[Entry]:
    return (live.get("metadata") or {}).get("managedFields") or []


def _applies(entry: Entry, manager: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource")


def _is_foldable(entry: Entry) -> bool:
    name = entry.get("manager", "")
    return entry.get("operation") == "Update" and not entry.get("subresource") and (name == CREATOR or name.startswith("kubectl-"))


def _is_own(entry: Entry, manager: str) -> bool:
    return _applies(entry, manager) or _is_foldable(entry)


def _owns(entry: Entry, path: Sequence[Step]) -> bool:
    fields = entry.get("fieldsV1") or {}
    for key in path:
        if f"f:{key}" not in fields:
            return False
        fields = fields[f"f:{key}"]
    return True


def _union(left: Object, right: Object) -> Object:
    return left | {key: _union(left.get(key) or {}, value) for key, value in right.items()}


def _annotation(obj: Object, key: str) -> str:
    return str(((obj.get("metadata") or {}).get("annotations") or {}).get(key) or "")


def _holds(obj: Any, path: Sequence[Step]) -> bool:
    for key in path:
        if not isinstance(obj, dict) or key not in obj:
            return False
        obj = obj[key]
    return True


def _get(obj: Any, path: Sequence[Step]) -> Any:
    for key in path:
        obj = obj[key]
    return obj


def _set(obj: Any, path: Sequence[Step], value: Any) -> None:
    _get(obj, path[:-1])[path[-1]] = value


def _remove(obj: Any, path: Sequence[Step]) -> None:
    del _get(obj, path[:-1])[path[-1]]
