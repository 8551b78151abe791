"""A live object cut to the shape of inputs: what a diff compares, what a refresh writes into the inputs."""

from __future__ import annotations

from typing import Any

from headroom.plugins.kubernetes.client import Object


def prune(live: Object, shape: Object) -> Object:
    """The fields of `live` that `shape` has too; lists by position, none longer than in `shape`."""
    return {key: _value(value, shape[key]) for key, value in live.items() if key in shape}


def _value(value: Any, shape: Any) -> Any:
    if isinstance(value, dict) and isinstance(shape, dict):
        return prune(value, shape)
    if isinstance(value, list) and isinstance(shape, list):
        return [_value(item, wanted) for item, wanted in zip(value, shape, strict=False)]
    return value
