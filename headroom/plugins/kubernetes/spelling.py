"""Keys that are no names in programming languages: SDKs write them with underscores, the cluster with dashes."""

from __future__ import annotations

from typing import Any

from headroom.plugins.kubernetes.properties import Secret

EXTENSIONS = ("embedded_resource", "int_or_string", "list_map_keys", "list_type", "map_type", "preserve_unknown_fields", "validations")
TO_CLUSTER = {f"x_kubernetes_{name}": f"x-kubernetes-{name.replace('_', '-')}" for name in EXTENSIONS}
TO_PROGRAM = {dashed: underscored for underscored, dashed in TO_CLUSTER.items()}


def for_cluster(value: Any) -> Any:
    """What a program wrote, as the API server reads it."""
    return _respelled(value, TO_CLUSTER)


def for_program(value: Any) -> Any:
    """What the API server answered, as a program reads it."""
    return _respelled(value, TO_PROGRAM)


def _respelled(value: Any, spelling: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {spelling.get(key, key): _respelled(item, spelling) for key, item in value.items()}
    if isinstance(value, list):
        return [_respelled(item, spelling) for item in value]
    if isinstance(value, Secret):
        return Secret(_respelled(value.value, spelling))
    return value
