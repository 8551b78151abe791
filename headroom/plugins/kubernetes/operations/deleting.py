"""Delete, until the object is gone."""

from __future__ import annotations

from headroom.plugins.kubernetes import checkpoint, messages
from headroom.plugins.kubernetes.awaiting import Cancelled, StillThere, wait_deleted
from headroom.plugins.kubernetes.awaiting.objects import annotation, name_of, namespace_of
from headroom.plugins.kubernetes.client import GVK, Propagation
from headroom.plugins.kubernetes.errors import ApiError, Unreachable
from headroom.plugins.kubernetes.failures import Failed
from headroom.plugins.kubernetes.operations.operation import Operation, Values

PROPAGATION = "pulumi.com/deletionPropagationPolicy"
# Anything else means Foreground, without a word.
PROPAGATIONS: dict[str, Propagation] = {"background": "Background", "orphan": "Orphan"}


def delete(operation: Operation, old_outputs: Values, *, timeout: float) -> None:
    """An object that is gone already, or whose kind is, counts as deleted."""
    failure = operation.unreachable()
    if failure is not None:
        return unreachable(operation, failure)
    client, recorded = operation.client(), checkpoint.read(old_outputs)
    live, inputs = recorded.live, recorded.inputs
    propagation = PROPAGATIONS.get(annotation(inputs, PROPAGATION).lower(), "Foreground")
    try:
        client.delete(GVK.of(live), namespace_of(live), name_of(live), propagation=propagation)
        wait_deleted(client, live, inputs=inputs, timeout=timeout, cancelled=operation.plugin.cancelled, report=operation.progress)
    except StillThere as end:
        operation.log(end.warning, "warning")
        raise Failed(end.message) from None
    except Cancelled as end:
        raise Failed(end.reasons[0]) from None
    except ApiError as error:
        if not error.not_found:
            raise Failed(str(error)) from None
    return operation.forget_kinds(live)


def unreachable(operation: Operation, cause: Unreachable) -> None:
    """Where the cluster does not answer, nothing can be deleted. Raises `Failed` unless the options drop it from the state."""
    operation.log(messages.UNREACHABLE_BECAUSE.format(cause=cause), "warning")
    if not operation.options.delete_unreachable:
        raise Failed(messages.UNREACHABLE_DELETE)
    operation.log(messages.UNREACHABLE_DROPPED, "info")
