"""Read: a refresh, or the import of an object that is not in the state."""

from __future__ import annotations

from headroom.plugins.kubernetes import checkpoint, messages, ownership, refresh, refusals
from headroom.plugins.kubernetes.awaiting import NotReady
from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.errors import ApiError, Unreachable
from headroom.plugins.kubernetes.failures import Failed, PartlyDone
from headroom.plugins.kubernetes.messages import qualified_name
from headroom.plugins.kubernetes.normalise import normalise
from headroom.plugins.kubernetes.operations.operation import Operation, Values
from headroom.plugins.kubernetes.properties import plain

Found = tuple[str, Values, Values]
GONE: Found = ("", {}, {})


def read(operation: Operation, resource_id: str, old_inputs: Values, old_outputs: Values) -> Found:
    """Id, inputs and outputs as they are now; no id when the object is gone. Without anything old it is an import. Raises `NotCovered`."""
    refusals.refuse_type(operation.token, plain(old_inputs))
    failure = operation.unreachable()
    if failure is not None:
        return unreachable(operation, failure, (resource_id, old_inputs, old_outputs))
    recorded, inputs = checkpoint.read(old_outputs), plain(old_inputs)
    gvk = GVK.of(recorded.live) if recorded.live.get("kind") else GVK.of_token(operation.token)
    live = _live(operation, gvk, resource_id)
    if live is None:
        return GONE
    found = refresh.refreshed_inputs(live, normalise(inputs)) if inputs else refresh.imported_inputs(live)
    manager = recorded.field_manager or ownership.manager_for(found, ownership.new_manager())
    api_version = recorded.initial_api_version or gvk.api_version

    def outputs(obj: Object) -> Values:
        return checkpoint.record(obj, found, like=old_inputs, initial_api_version=api_version, field_manager=manager)

    hidden = checkpoint.hide(found, old_inputs)
    try:
        live = operation.wait_ready(live, found, "read")
    except NotReady as end:
        raise PartlyDone(qualified_name(end.live), outputs(end.live), end.reasons, hidden) from None
    return qualified_name(live), hidden, outputs(live)


def _live(operation: Operation, gvk: GVK, resource_id: str) -> Object | None:
    namespaced = operation.cluster.is_namespaced(gvk)
    namespace, name = refresh.identity(resource_id, operation.cluster.default_namespace, namespaced=namespaced)
    try:
        return operation.client().get(gvk, namespace, name)
    except ApiError as error:
        if error.not_found:
            return None
        raise Failed(str(error)) from None


def unreachable(operation: Operation, cause: Unreachable, old: Found) -> Found:
    """What is told of a resource whose cluster does not answer: the options decide. Raises `Failed`."""
    operation.log(messages.UNREACHABLE_BECAUSE.format(cause=cause), "warning")
    if operation.options.delete_unreachable:
        operation.log(messages.UNREACHABLE_DROPPED, "info")
        return GONE
    if operation.options.skip_update_unreachable:
        operation.log(messages.UNREACHABLE_KEPT, "info")
        return old
    raise Failed(messages.UNREACHABLE_READ)
