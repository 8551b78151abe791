"""How a Kubernetes object is read, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.desired.objects import Object
from headroom.doctor.found import HelmRelease


def metadata(found: Object) -> Mapping[str, Any]:
    return found.get("metadata") or {}


def labels(found: Object) -> Mapping[str, str]:
    return metadata(found).get("labels") or {}


def release_of(found: Object) -> HelmRelease | None:
    """The release that made an object; None for what Helm did not make.

    Definitions out of a chart's directory `crds` carry no mark.
    """
    annotations = metadata(found).get("annotations") or {}
    name, namespace = annotations.get("meta.helm.sh/release-name"), annotations.get("meta.helm.sh/release-namespace")
    return HelmRelease(namespace, name) if name and namespace else None
