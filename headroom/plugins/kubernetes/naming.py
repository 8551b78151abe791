"""Names: given, kept from before, proposed by the engine, or `<logical name>-<8 hex digits>`."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from headroom.plugins.kubernetes.client import Object
from headroom.plugins.kubernetes.properties import UNKNOWN

AUTONAMED = "pulumi.com/autonamed"
SUFFIX_DIGITS = 8

GENERATE_NAME = "the `.metadata.generateName` field is not supported in Server-Side Apply mode"
DISABLED = "autonaming is disabled, resource requires the .metadata.name field to be set"

Mode = Literal["propose", "enforce", "disable"]


class NameRefused(Exception):
    """The object cannot be named as its inputs or the engine's settings say."""


@dataclass(frozen=True)
class Autonaming:
    """The engine's auto-naming settings: `propose` and `enforce` come with a name, `disable` wants one from the program."""

    mode: Mode
    proposed: str = ""


def name(inputs: Object, *, logical: str, seed: bytes, old: Object | None, autonaming: Autonaming | None) -> Object:
    """`inputs` with a name: their own, the auto-name that `old` inputs had, or for a new object one of its own.

    An object that had an explicit name and has none now gets none here: the difference makes the engine replace it, and the
    replacement is named. Raises `NameRefused`.
    """
    metadata = inputs.get("metadata") or {}
    if metadata is UNKNOWN or metadata.get("name"):
        return inputs
    if metadata.get("generateName"):
        raise NameRefused(GENERATE_NAME)
    if old:
        return _named(inputs, old["metadata"]["name"]) if is_autonamed(old) else inputs | {"metadata": metadata}
    if autonaming is None:
        return _named(inputs, f"{logical}-{_suffix(seed)}")
    if autonaming.mode == "disable":
        raise NameRefused(DISABLED)
    return _named(inputs, autonaming.proposed)


def is_autonamed(obj: Object) -> bool:
    metadata = obj.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(AUTONAMED) == "true"


def _named(inputs: Object, chosen: str) -> Object:
    metadata = inputs.get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    if annotations is UNKNOWN:
        return inputs | {"metadata": metadata | {"name": chosen}}
    return inputs | {"metadata": metadata | {"name": chosen, "annotations": annotations | {AUTONAMED: "true"}}}


def _suffix(seed: bytes) -> str:
    """The engine's seed makes the name of a preview that of its update."""
    return hashlib.sha256(seed).hexdigest()[:SUFFIX_DIGITS] if seed else secrets.token_hex(SUFFIX_DIGITS // 2)
