"""The form of a plain Kubernetes object, and what every object of a server has in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Object = dict[str, Any]
"""A Kubernetes object as its manifest says it: apiVersion, kind, metadata, …"""


def obj(api_version: str, kind: str, name: str, *, namespace: str | None = None, labels: dict[str, str], **body: Any) -> Object:
    """An object with the usual metadata; `body` holds spec, data and the like."""
    metadata: Object = {"name": name, **({"namespace": namespace} if namespace else {}), "labels": labels}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def quantity(value: float) -> str:
    """A number as a Kubernetes quantity without a decimal point: 0.2 is `200m`, 2 is `2`, 0.0005 is `500u`.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    exact = Decimal(repr(value))
    for suffix, scale in (("", 1), ("m", 1_000), ("u", 1_000_000)):
        scaled = exact * scale
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{suffix}"
    return f"{max(1, round(exact * 1_000_000_000))}n"


def duration(seconds: float) -> str:
    """Seconds as Prometheus writes a duration: 15 is `15s`, 0.5 is `500ms`."""
    return f"{int(seconds)}s" if float(seconds).is_integer() else f"{round(seconds * 1000)}ms"


def number(value: float) -> str:
    """A number as people write it: 2 is `2`, 0.2 is `0.2`."""
    return f"{Decimal(repr(value)).normalize():f}"
