"""Images from a mirror: of every pod that an object makes, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.catalog.images import mirrored
from headroom.desired.objects import Object
from headroom.settings.platform import Images

_CONTAINERS = ("containers", "initContainers")


def from_mirror(item: Object, images: Images, pull_secret: str | None = None) -> Object:
    """The object with every image moved to the mirror; its pods pull with `pull_secret`, a Secret of its namespace, where one is given."""
    return item if images.registry is None else _moved(item, images.registry, pull_secret)


def _moved(value: Any, registry: str, pull_secret: str | None) -> Any:
    if isinstance(value, list):
        return [_moved(one, registry, pull_secret) for one in value]
    if not isinstance(value, Mapping):
        return value
    moved = {key: _moved(below, registry, pull_secret) for key, below in value.items()}
    if "containers" not in moved:
        return moved
    for key in _CONTAINERS:
        if key in moved:
            moved[key] = [{**one, "image": mirrored(one["image"], registry)} for one in moved[key]]
    return {**moved, "imagePullSecrets": [{"name": pull_secret}]} if pull_secret else moved
