"""Reading plain Kubernetes objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headroom.plugins.kubernetes.client import Object


def at(obj: Any, *path: str, default: Any = None) -> Any:
    """The value under nested keys; `default` where a key is missing or null."""
    for key in path:
        if not isinstance(obj, Mapping):
            return default
        obj = obj.get(key)
    return default if obj is None else obj


def name_of(obj: Object) -> str:
    return at(obj, "metadata", "name", default="")


def namespace_of(obj: Object) -> str:
    return at(obj, "metadata", "namespace", default="")


def shown_name(obj: Object) -> str:
    """`namespace/name` as progress lines show it: without the namespace `default`."""
    namespace = namespace_of(obj)
    return f"{namespace}/{name_of(obj)}" if namespace not in ("", "default") else name_of(obj)


def annotation(obj: Object, key: str) -> str:
    value = at(obj, "metadata", "annotations", key, default="")
    return value if isinstance(value, str) else ""


def condition(obj: Object, kind: str) -> Object:
    """The status condition of this type, {} when there is none."""
    return next((item for item in at(obj, "status", "conditions", default=()) if item.get("type") == kind), {})


def is_true(obj: Object, kind: str) -> bool:
    return condition(obj, kind).get("status") == "True"


def bracketed(item: Object) -> str:
    """A condition as `[Reason] message`."""
    return f"[{item.get('reason', '')}] {item.get('message', '')}"


def owned_by(objects: Iterable[Object], owner: Object | None) -> list[Object]:
    """Those with `owner` among their direct owners."""
    uid = at(owner, "metadata", "uid")
    return [obj for obj in objects if uid and any(ref.get("uid") == uid for ref in at(obj, "metadata", "ownerReferences", default=()))]


def observed_generation_is_current(obj: Object) -> bool:
    """The controller has seen the present spec."""
    return at(obj, "status", "observedGeneration", default=0) >= at(obj, "metadata", "generation", default=1)


def label_selector(selector: Object) -> str:
    """A LabelSelector in the text form that list requests take."""
    equal = [f"{key}={value}" for key, value in at(selector, "matchLabels", default={}).items()]
    return ",".join(equal + [_expression(item) for item in at(selector, "matchExpressions", default=())])


def _expression(item: Object) -> str:
    key, values = item["key"], ",".join(_sorted(item.get("values")))
    return {"Exists": key, "DoesNotExist": f"!{key}", "In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})"}[item["operator"]]


def _sorted(values: Sequence[str] | None) -> list[str]:
    return sorted(values or ())
