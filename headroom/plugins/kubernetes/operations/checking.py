"""Check: the inputs to work with."""

from __future__ import annotations

from headroom.plugins.kubernetes import checkpoint, messages, naming, refusals
from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.cluster import Cluster
from headroom.plugins.kubernetes.normalise import normalise
from headroom.plugins.kubernetes.operations.operation import Operation, Values
from headroom.plugins.kubernetes.properties import UNKNOWN, plain
from headroom.plugins.kubernetes.spelling import for_cluster


def check(operation: Operation, old: Values, new: Values, *, seed: bytes, autonaming: naming.Autonaming | None) -> Values:
    """`new` inputs named, in a namespace and normalised; the `old` ones where an update is to be skipped.

    Raises `NotCovered`, `NameRefused`.
    """
    if old and operation.options.skip_update_unreachable and operation.unreachable() is not None:
        operation.log(messages.UNREACHABLE_SKIPPED, "warning")
        return old
    new = for_cluster(new)
    inputs = plain(new)
    refusals.refuse_type(operation.token, inputs)
    inputs = naming.name(inputs, logical=operation.name, seed=seed, old=plain(old), autonaming=autonaming)
    inputs = normalise(_in_namespace(inputs, operation.cluster))
    warning = messages.DEPRECATED.get(GVK.of(inputs))
    if warning and not operation.options.suppress_deprecation_warnings:
        operation.log(warning, "warning")
    return checkpoint.hide(inputs, new)


def _in_namespace(inputs: Object, cluster: Cluster) -> Object:
    """A namespace that is not known yet counts as none, as for the official plugin."""
    metadata = inputs.get("metadata") or {}
    if metadata is UNKNOWN or metadata.get("namespace", UNKNOWN) not in (UNKNOWN, None, ""):
        return inputs
    if not cluster.is_namespaced(GVK.of(inputs)):
        return inputs
    return inputs | {"metadata": metadata | {"namespace": cluster.default_namespace}}
