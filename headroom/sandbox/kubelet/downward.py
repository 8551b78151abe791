"""The downward API: fields of the pod and resources of its containers, as text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_INDEXED = re.compile(r"^metadata\.(labels|annotations)\['(.+)'\]$")
_SUFFIXES = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9), "T": Decimal(10**12), "P": Decimal(10**15), "E": Decimal(10**18),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40), "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip
_QUANTITY = re.compile(r"^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]i?|Ki)?$")
# Source: pkg/api/v1/resource/helpers.go, MergeContainerResourceLimits.
_LIMITED_BY_NODE = ("cpu", "memory", "ephemeral-storage")


@dataclass(frozen=True)
class Place:
    """Where a pod runs, which its manifest does not tell: its address, its node's, and what the node has for pods."""

    address: str
    host: str
    allocatable: Mapping[str, Any]


def field_value(pod: Mapping[str, Any], path: str, place: Place) -> str:
    """The field that `path` names. Raises `ValueError` for a field that is not served."""
    metadata, spec = pod["metadata"], pod["spec"]
    if indexed := _INDEXED.match(path):
        return (metadata.get(indexed[1]) or {}).get(indexed[2], "")
    fields = {
        "metadata.name": lambda: metadata["name"],
        "metadata.namespace": lambda: metadata["namespace"],
        "metadata.uid": lambda: metadata["uid"],
        "metadata.labels": lambda: _lines(metadata.get("labels")),
        "metadata.annotations": lambda: _lines(metadata.get("annotations")),
        "spec.nodeName": lambda: spec["nodeName"],
        "spec.serviceAccountName": lambda: spec.get("serviceAccountName") or "default",
        "status.podIP": lambda: place.address,
        "status.podIPs": lambda: place.address,
        "status.hostIP": lambda: place.host,
        "status.hostIPs": lambda: place.host,
    }
    if path not in fields:
        raise ValueError(f"unsupported fieldPath: {path}")
    return fields[path]()


def _lines(pairs: Mapping[str, str] | None) -> str:
    quoted = ((key, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for key, value in sorted((pairs or {}).items()))
    return "\n".join(f'{key}="{value}"' for key, value in quoted)


def resource_value(pod: Mapping[str, Any], reference: Mapping[str, Any], place: Place, container: Mapping[str, Any] | None = None) -> str:
    """`limits.memory` of a container in units of `divisor`, rounded up. An absent limit is what the node has, an absent request "0"."""
    if reference.get("containerName"):
        container = next(entry for entry in _containers(pod) if entry["name"] == reference["containerName"])
    part, _, name = reference["resource"].partition(".")
    amount = quantity((((container or {}).get("resources") or {}).get(part) or {}).get(name, "0"))
    if not amount and part == "limits" and name in _LIMITED_BY_NODE:
        amount = quantity(place.allocatable.get(name, "0"))
    divisor = quantity(reference.get("divisor") or "0") or Decimal(1)
    return str(math.ceil(amount / divisor))


def _containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]


def quantity(text: str) -> Decimal:
    """A Kubernetes quantity as a number: `500m`, `2Gi`, `1e3`."""
    match = _QUANTITY.match(str(text))
    if not match:
        raise ValueError(f"{text!r} is not a quantity")
    return Decimal(match[1]) * _SUFFIXES[match[2] or ""]
