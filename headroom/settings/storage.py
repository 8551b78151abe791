"""What must hold of the volumes that servers share."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.distributions import Distribution
from headroom.catalog.storage_classes import STORAGE_CLASSES
from headroom.settings.problems import Path, Problem
from headroom.settings.server import Server


def shared_cache(path: Path, server: Server, on: Distribution) -> Iterator[Problem]:
    """A cache is mounted by replicas on several nodes at once, and by what prepares it."""
    known = STORAGE_CLASSES.get(on.name)
    if known and server.cache and server.cache.storage_class in known.one_node:
        yield Problem(
            (*path, "cache", "storageClass"),
            f"is of disks on {on.title}, which one node mounts at a time, and replicas are on several: the claim would stay pending; "
            f"name {known.instead}",
        )
