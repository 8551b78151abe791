"""An object as the state file keeps it: the live object, beside it the inputs it came from."""

from __future__ import annotations

from typing import Any, NamedTuple

from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.normalise import is_secret
from headroom.plugins.kubernetes.properties import Secret, mark_secrets, plain
from headroom.plugins.kubernetes.spelling import for_cluster, for_program

INPUTS = "__inputs"
INITIAL_API_VERSION = "__initialApiVersion"
FIELD_MANAGER = "__fieldManager"


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
    """`obj` with secrets where `like` has them; the data of a Secret as a whole."""
    marked = mark_secrets(obj, like)
    if is_secret(GVK.of(obj)):
        for key in ("data", "stringData"):
            if key in marked and not isinstance(marked[key], Secret):
                marked = marked | {key: Secret(plain(marked[key]))}
    return marked
