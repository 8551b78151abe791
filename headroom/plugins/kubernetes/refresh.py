"""Reading an object back: its inputs are what is live, in the shape of what was asked for."""

from __future__ import annotations

from headroom.plugins.kubernetes.checkpoint import LAST_APPLIED
from headroom.plugins.kubernetes.client import Object
from headroom.plugins.kubernetes.prune import prune

# What a server adds to every object, and no program writes.
SERVER_METADATA = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")
SERVER_ANNOTATIONS = ("deployment.kubernetes.io/revision", LAST_APPLIED)


def refreshed_inputs(live: Object, inputs: Object) -> Object:
    """The inputs after a refresh: fields that were given, with their live values; those that are gone drop out."""
    return prune(live, inputs)


def imported_inputs(live: Object) -> Object:
    """Inputs of an object that no program wrote: everything but what servers and controllers add."""
    metadata = {key: value for key, value in live["metadata"].items() if key not in SERVER_METADATA}
    if "annotations" in metadata:
        kept = {key: value for key, value in metadata["annotations"].items() if key not in SERVER_ANNOTATIONS}
        metadata = {key: value for key, value in metadata.items() if key != "annotations"} | ({"annotations": kept} if kept else {})
    return {key: value for key, value in live.items() if key != "status"} | {"metadata": metadata}


def identity(resource_id: str, default_namespace: str, *, namespaced: bool) -> tuple[str, str]:
    """Namespace and name of a Pulumi id (`namespace/name` or `name`)."""
    namespace, _, name = resource_id.rpartition("/")
    return (namespace or (default_namespace if namespaced else "")), name
