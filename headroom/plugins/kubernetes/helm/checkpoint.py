"""A release as the state file keeps it: its inputs, what Helm made of them, and once more the inputs, as one secret."""

from __future__ import annotations

from typing import Any

from headroom.plugins.kubernetes.checkpoint import INPUTS
from headroom.plugins.kubernetes.helm.storage import Revision, resource_names
from headroom.plugins.kubernetes.properties import Secret, plain

Values = dict[str, Any]


def record(inputs: Values, namespace: str, name: str, revision: Revision) -> Values:
    """Outputs of a release; secret where its inputs are."""
    status = {
        "appVersion": revision.app_version,
        "chart": revision.chart,
        "name": name,
        "namespace": namespace,
        "revision": revision.number,
        "status": revision.status,
        "version": revision.version,
    }
    found = {"version": revision.version, "resourceNames": resource_names(revision.manifest), "status": status}
    return {**inputs, **found, INPUTS: Secret(plain(inputs))}


def inputs_of(outputs: Values) -> Values:
    """The inputs that outputs were made of, plain."""
    return plain(outputs).get(INPUTS) or {}
