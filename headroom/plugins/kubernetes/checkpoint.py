"""An object as the state file keeps it: the live object, beside it the inputs it came from."""

from __future__ import annotations

from typing import Any, NamedTuple

from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.normalise import is_secret
from headroom.plugins.kubernetes.properties import Secret, has_secret, mark_secrets, plain
from headroom.plugins.kubernetes.spelling import for_cluster, for_program

INPUTS = "__inputs"
INITIAL_API_VERSION = "__initialApiVersion"
FIELD_MANAGER = "__fieldManager"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Recorded(NamedTuple):
    """What an earlier operation left in the state; everything plain."""

    live: Object
    inputs: Object
    initial_api_version: str
    field_manager: str


def record(live: Object, inputs: Object, *, like: Object, initial_api_version: str, field_manager: str) -> dict[str, Any]:
    """Outputs of a resource; secret where `like` (its inputs with their secrets) is, and a Secret's data in any case."""
    return {
        **for_program(hide(live, like)),
        INPUTS: hide(inputs, like),
        INITIAL_API_VERSION: initial_api_version,
        FIELD_MANAGER: field_manager,
    }


def read(outputs: dict[str, Any]) -> Recorded:
    values = plain(outputs)
    live = for_cluster({key: value for key, value in values.items() if not key.startswith("__")})
    inputs = values.get(INPUTS) or {}
    return Recorded(live, inputs, values.get(INITIAL_API_VERSION) or "", values.get(FIELD_MANAGER) or "")


def hide(obj: Object, like: Object) -> dict[str, Any]:
    """`obj` with secrets where `like` has them, a Secret's data as one; with any, what kubectl has applied is secret too, as a whole."""
    marked = mark_secrets(obj, like)
    if is_secret(GVK.of(obj)):
        marked = _all_secret(marked, ("data", "stringData"))
    elif not has_secret(like):
        return marked
    metadata = marked.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("annotations"), dict):
        return marked
    return marked | {"metadata": metadata | {"annotations": _all_secret(metadata["annotations"], (LAST_APPLIED,))}}


def _all_secret(values: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """`values` with what stands under these keys as one secret each."""
    return values | {key: Secret(plain(values[key])) for key in keys if key in values}
