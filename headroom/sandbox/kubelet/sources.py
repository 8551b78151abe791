"""What pods read from the API: the content of ConfigMaps and Secrets, and tokens, fetched before it is needed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Missing(Exception):
    """An object or key that a pod must have and that is not there; the message is fit for an event."""


@dataclass(frozen=True)
class Sources:
    """Objects by kind and name (None: it does not exist), and service account tokens by audience."""

    objects: Mapping[tuple[str, str], Mapping[str, Any] | None] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)

    def content(self, kind: str, reference: Mapping[str, Any]) -> dict[str, bytes]:
        """What a ConfigMap or Secret holds; `reference` has `name` and perhaps `optional`. Raises `Missing`."""
        found = self.objects.get((kind, reference["name"]))
        if found is None:
            if reference.get("optional"):
                return {}
            raise Missing(f'{kind.lower()} "{reference["name"]}" not found')
        binary = {key: base64.b64decode(value) for key, value in _pairs(found, "binaryData")}
        if kind == "Secret":
            return {key: base64.b64decode(value) for key, value in _pairs(found, "data")}
        return {key: value.encode() for key, value in _pairs(found, "data")} | binary

    def texts(self, kind: str, reference: Mapping[str, Any]) -> dict[str, str]:
        return {key: value.decode(errors="replace") for key, value in self.content(kind, reference).items()}


def _pairs(found: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    return list((found.get(key) or {}).items())
