"""What the node groups of all clouds have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NodeGroup:
    """Nodes of one machine type, as a cloud is asked for them. A pool that falls back to on-demand nodes is two of them."""

    pool: str
    role: str
    """What it is called in the stack, whatever becomes of its name: the pool's name, and what tells two of a pool apart."""
    name: str
    """What the cloud calls it: it changes with whatever replaces the group, so that its successor is there before it goes."""
    delete_first: bool
    """Whether it goes before its successor comes: of reserved machines there is no second set."""
