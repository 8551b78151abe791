"""A program of this project that runs beside an engine, in the same pod."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sidecar:
    """A container that starts before the engine's and ends after it.

    Its program is a package of this project that needs Python's standard library alone: the files come from a ConfigMap, so that there
    is no image of ours to build, publish and trust. It is told its pod as POD_NAME and POD_NAMESPACE.
    """

    name: str
    switch: str
    """The engine's option that says whether it is there."""
    package: str
    image: str
    environment: Mapping[str, str]
    """Filled in as the engine's own is."""
    rules: tuple[Mapping[str, tuple[str, ...]], ...] = field(default=())
    """What its pod's service account may do in its namespace, as in a Role; only this container gets the account's token."""
    resizes: bool = False
    """Whether it resizes the engine's container in place, memory first of all."""
