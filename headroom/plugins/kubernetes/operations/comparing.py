"""Diff: what an update would change, and whether it would be a replacement."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.plugins.kubernetes import checkpoint, diff
from headroom.plugins.kubernetes.awaiting import is_failed_job
from headroom.plugins.kubernetes.awaiting.objects import annotation, name_of, namespace_of
from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.cluster import Cluster
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.plugins.kubernetes.normalise import normalise
from headroom.plugins.kubernetes.operations.operation import Operation, Values
from headroom.plugins.kubernetes.properties import plain
from headroom.plugins.kubernetes.replacement import replacing

REPLACE_UNREADY = "pulumi.com/replaceUnready"
REPLACE_UNREADY_KEY = f'.metadata.annotations["{REPLACE_UNREADY}"]'


@dataclass(frozen=True)
class Difference:
    changes: list[diff.Change]
    replace_keys: list[str]
    deletes_first: bool


def compare(operation: Operation, old_outputs: Values, new: Values, *, ignored: list[str]) -> Difference:
    """From the recorded state alone; only a Job that is to be replaced when it failed is looked at."""
    recorded, inputs, options = checkpoint.read(old_outputs), normalise(plain(new)), operation.options
    rule = replacing(inputs, config_map_mutable=options.config_map_mutable, secret_mutable=options.secret_mutable)
    changes = diff.changes(recorded.live, normalise(recorded.inputs), inputs, rule, ignored)
    keys = [str(change) for change in changes if change.replaces]
    if _is_job_to_replace(inputs, operation.cluster):
        keys.append(REPLACE_UNREADY_KEY)
    return Difference(changes, keys, deletes_first=bool(keys) and diff.deletes_first(recorded.live, inputs))


def _is_job_to_replace(inputs: Object, cluster: Cluster) -> bool:
    gvk = GVK.of(inputs)
    if annotation(inputs, REPLACE_UNREADY).lower() != "true" or (gvk.group, gvk.kind) != ("batch", "Job"):
        return False
    try:
        return is_failed_job(cluster.client.get(gvk, namespace_of(inputs), name_of(inputs)))
    except ClusterError:
        return False
