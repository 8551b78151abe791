"""Create, and its preview."""

from __future__ import annotations

from headroom.plugins.kubernetes import checkpoint, messages, ownership, writing
from headroom.plugins.kubernetes.awaiting import BadWaitFor, Cancelled, NotReady
from headroom.plugins.kubernetes.builtin import fields_of, type_of
from headroom.plugins.kubernetes.client import GVK, Client, Object
from headroom.plugins.kubernetes.errors import ApiError, ClusterError, NoMatch
from headroom.plugins.kubernetes.failures import Failed, PartlyDone
from headroom.plugins.kubernetes.messages import qualified_name
from headroom.plugins.kubernetes.operations.operation import Operation, Values
from headroom.plugins.kubernetes.properties import UNKNOWN, has_unknown, plain


def create(operation: Operation, new: Values, *, timeout: float, preview: bool) -> tuple[str, Values]:
    """Id and outputs; in a preview no id, and the inputs as outputs where the server cannot be asked."""
    inputs = plain(new)
    if preview:
        return "", _preview(operation, inputs, new)
    client = operation.client()
    inputs = _scoped(client, inputs)
    manager = ownership.manager_for(inputs, ownership.new_manager())
    live = _posted(operation, client, inputs)
    try:
        live = operation.wait_ready(live, inputs, "create", timeout)
    except (NotReady, Cancelled) as end:
        reasons = [messages.NOT_READY_AFTER_CREATE.format(urn=operation.urn, cause=end.reasons[0]), *end.reasons[1:]]
        raise PartlyDone(qualified_name(end.live), _outputs(end.live, inputs, new, manager), reasons) from None
    except BadWaitFor as error:
        raise Failed(messages.NOT_CREATED.format(urn=operation.urn, cause=error)) from None
    operation.forget_kinds(inputs)
    return qualified_name(live), _outputs(live, inputs, new, manager)


def _preview(operation: Operation, inputs: Object, new: Values) -> Values:
    if has_unknown(inputs) or operation.unreachable() is not None:
        return new
    client = operation.client()
    if not client.knows(GVK.of(inputs)):
        return new
    inputs = _scoped(client, inputs)
    try:
        live = writing.preview_creation(client, inputs, tell=operation.progress)
    except ClusterError as error:
        raise Failed(messages.NOT_CREATED.format(urn=operation.urn, cause=error)) from None
    if live is None:
        return new
    # What the controllers will make of the object is the one thing that a dry run does not know.
    return _outputs(live, inputs, new, ownership.new_manager()) | ({"status": UNKNOWN} if _has_status(live) else {})


def _posted(operation: Operation, client: Client, inputs: Object) -> Object:
    try:
        return writing.create(client, inputs, cancelled=operation.plugin.cancelled, tell=operation.progress)
    except NoMatch as error:
        kind = "/".join(GVK.of(inputs))
        raise Failed(messages.CREATE_NO_SUCH_KIND.format(urn=operation.urn, kind=kind, cause=error)) from None
    except ClusterError as error:
        exists = isinstance(error, ApiError) and error.reason == "AlreadyExists"
        cause = messages.ALREADY_EXISTS.format(cause=error) if exists else error
        raise Failed(messages.NOT_CREATED.format(urn=operation.urn, cause=cause)) from None


def _outputs(live: Object, inputs: Object, new: Values, manager: str) -> Values:
    return checkpoint.record(live, inputs, like=new, initial_api_version=inputs["apiVersion"], field_manager=manager)


def _scoped(client: Client, inputs: Object) -> Object:
    """Without the namespace that a cluster-scoped object got before its kind was known."""
    try:
        namespaced = client.mapping(GVK.of(inputs)).namespaced
    except ClusterError:
        return inputs
    if namespaced or "namespace" not in inputs["metadata"]:
        return inputs
    return inputs | {"metadata": {key: value for key, value in inputs["metadata"].items() if key != "namespace"}}


def _has_status(live: Object) -> bool:
    struct = type_of(GVK.of(live))
    return "status" in live or (struct is not None and "status" in fields_of(struct))
