"""Create: `helm install`."""

from __future__ import annotations

from headroom.plugins.kubernetes.failures import Failed, PartlyDone
from headroom.plugins.kubernetes.helm import checkpoint, messages, options, program, settling, storage
from headroom.plugins.kubernetes.helm.checkpoint import Values
from headroom.plugins.kubernetes.helm.cluster import client_of
from headroom.plugins.kubernetes.operations import Operation
from headroom.plugins.kubernetes.properties import plain


def create(operation: Operation, new: Values, *, timeout: float, preview: bool) -> tuple[str, Values]:
    """Id and outputs; a preview asks neither Helm nor the cluster."""
    if preview:
        return "", new
    inputs = plain(new)
    namespace, name = inputs["namespace"], inputs["name"]
    client = client_of(operation, "create")
    before = storage.latest(client, namespace, name)
    if before is not None and before.is_pending and before.number == 1:
        settling.undo_install(operation, client, namespace, name, before)
        before = None
    flags = [*options.place(inputs), *options.install_flags(inputs, operation.urn)]
    command = ["install", name, f"--namespace={namespace}", *flags, "--output=json"]
    try:
        program.run(command, target=client.target, values=new["values"], secrets=new, cancelled=operation.plugin.cancelled)
    except program.HelmFailed as failure:
        after = storage.latest(client, namespace, name)
        if after is None or before is not None:
            raise Failed(str(failure)) from None
        operation.log(messages.CREATED_FAILED.format(name=name, cause=failure), "warning")
        reason = messages.NOT_INITIALIZED.format(id=f"{namespace}/{name}", name=name, namespace=namespace, cause=failure)
        raise PartlyDone(f"{namespace}/{name}", checkpoint.record(new, namespace, name, after), [reason]) from None
    created = storage.latest(client, namespace, name)
    if created is None:
        raise Failed(messages.VANISHED.format(id=f"{namespace}/{name}"))
    return f"{namespace}/{name}", checkpoint.record(new, namespace, name, created)
