"""What an object that was read from a cluster says of the manifest behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from headroom.wiring.document import Cursor
from headroom.wiring.values import Unknown

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def declared_replicas(root: Cursor) -> int | Unknown | None:
    """`spec.replicas` as the manifest has it. In a cluster the field is always there, filled with the count of the moment."""
    written = root["spec"]["replicas"].count()
    metadata = root["metadata"]
    if not any(metadata[key].exists for key in ("uid", "resourceVersion", "managedFields")):
        return written
    applied = metadata["annotations"][_LAST_APPLIED].raw()
    return written if _in_last_applied(applied) or any(_applies_replicas(entry) for entry in metadata["managedFields"].items()) else None


def _in_last_applied(text: str | Unknown | None) -> bool:
    if not isinstance(text, str):
        return False
    try:
        spec = json.loads(text).get("spec", {})
    except (ValueError, AttributeError):
        return False
    return isinstance(spec, Mapping) and "replicas" in spec


def _applies_replicas(entry: Cursor) -> bool:
    """Whether server-side apply owns the field. An update owns it also where the server filled it in."""
    return entry["operation"].text() == "Apply" and not entry["subresource"].exists and entry["fieldsV1"]["f:spec"]["f:replicas"].exists
