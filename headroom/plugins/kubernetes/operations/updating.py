"""Update, and its preview."""

from __future__ import annotations

from headroom.plugins.kubernetes import checkpoint, messages, ownership, writing
from headroom.plugins.kubernetes.awaiting import BadWaitFor, Cancelled, NotReady
from headroom.plugins.kubernetes.awaiting.objects import name_of, namespace_of
from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.errors import ApiError, ClusterError, NoMatch
from headroom.plugins.kubernetes.failures import Failed, PartlyDone
from headroom.plugins.kubernetes.messages import qualified_name
from headroom.plugins.kubernetes.operations.operation import Operation, Values
from headroom.plugins.kubernetes.properties import has_unknown, plain


def update(operation: Operation, old_outputs: Values, new: Values, *, ignored: list[str], timeout: float, preview: bool) -> Values:
    """The outputs after the update; in a preview as they would be, or the inputs where the server cannot be asked."""
    inputs, recorded = plain(new), checkpoint.read(old_outputs)
    if preview and (has_unknown(inputs) or operation.unreachable() is not None):
        return new
    client = operation.client()
    if preview and not client.knows(GVK.of(inputs)):
        return new
    manager = ownership.manager_for(inputs, recorded.field_manager or ownership.new_manager())
    api_version = recorded.initial_api_version or inputs["apiVersion"]

    def outputs(live: Object) -> Values:
        return checkpoint.record(live, inputs, like=new, initial_api_version=api_version, field_manager=manager)

    how = writing.Update(manager, ignored, force=operation.options.patch_force, preview=preview)
    try:
        live = writing.update(client, inputs, how)
        if not preview:
            live = operation.wait_ready(live, inputs, "update", timeout)
    except NoMatch as error:
        raise Failed(messages.UPDATE_NO_SUCH_KIND.format(urn=operation.urn, cause=error)) from None
    except Cancelled as end:
        raise Failed(messages.UPDATE_FAILED.format(urn=operation.urn, cause=end.reasons[0], state=messages.CANCELED)) from None
    except NotReady as end:
        raise _half_done(inputs, outputs(end.live), end.reasons) from None
    except (ClusterError, BadWaitFor) as error:
        if preview and isinstance(error, ApiError) and error.forbidden:
            # As the official plugin: only the update can tell.
            return new
        raise _half_done(inputs, outputs(_live_after(operation, inputs, error)), [str(error)]) from None
    operation.forget_kinds(inputs)
    return outputs(live)


def _half_done(inputs: Object, outputs: Values, reasons: list[str]) -> PartlyDone:
    name = qualified_name(inputs)
    return PartlyDone(name, outputs, [messages.NOT_READY_AFTER_UPDATE.format(name=name, cause=reasons[0]), *reasons[1:]])


def _live_after(operation: Operation, inputs: Object, error: Exception) -> Object:
    """The object after an update that the server refused. Raises `Failed` when it cannot be had."""
    try:
        return operation.client().get(GVK.of(inputs), namespace_of(inputs), name_of(inputs))
    except ClusterError as state:
        raise Failed(messages.UPDATE_FAILED.format(urn=operation.urn, cause=error, state=state)) from None
