"""Resources with which data, or all that runs, is lost."""

from __future__ import annotations

import re

from headroom.wiring.pulumi import KEPT

_VERSION = re.compile(r"(?<=[a-z])/v\d{8}\w*")
_OF_CLOUDS = frozenset(kind for _, kind in KEPT)
_OF_KUBERNETES = frozenset({"PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace", "CustomResourceDefinition"})
"""With a namespace goes all that is in it, with a definition every object of the kind."""


def is_stateful(token: str) -> bool:
    """Whether a resource of this type holds what is not made again by making the resource again."""
    package, _, kind = token.partition(":")
    return kind.rpartition(":")[2] in _OF_KUBERNETES if package == "kubernetes" else unversioned(token) in _OF_CLOUDS


def unversioned(token: str) -> str:
    """A type as it is called whichever version of Azure's API is named."""
    return _VERSION.sub("", token)
