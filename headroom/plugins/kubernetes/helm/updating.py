"""Update: `helm upgrade`."""

from __future__ import annotations

from headroom.plugins.kubernetes.failures import Failed, PartlyDone
from headroom.plugins.kubernetes.helm import checkpoint, messages, options, program, storage
from headroom.plugins.kubernetes.helm.checkpoint import Values
from headroom.plugins.kubernetes.helm.cluster import client_of
from headroom.plugins.kubernetes.helm.settling import settled
from headroom.plugins.kubernetes.operations import Operation
from headroom.plugins.kubernetes.properties import plain


def update(operation: Operation, old_outputs: Values, new: Values, *, ignored: list[str], timeout: float, preview: bool) -> Values:
    """Outputs after the upgrade; in a preview the inputs.

    A failure that made no new revision leaves the state as it was; one that did keeps the new inputs, and the next update repeats it.
    """
    if preview:
        return new
    inputs = plain(new)
    namespace, name = inputs["namespace"], inputs["name"]
    client = client_of(operation, "update")
    before = settled(operation, client, namespace, name)
    verb, flags = ("upgrade", options.upgrade_flags(inputs)) if before else ("install", options.install_flags(inputs, operation.urn))
    command = [verb, name, f"--namespace={namespace}", *options.place(inputs), *flags, "--output=json"]
    failed: program.HelmFailed | None = None
    try:
        program.run(command, target=client.target, values=new["values"], secrets=new, cancelled=operation.plugin.cancelled)
    except program.HelmFailed as failure:
        failed = failure
    after = storage.latest(client, namespace, name)
    if after is None or (failed and before and after.number == before.number):
        raise Failed(str(failed or messages.VANISHED.format(id=f"{namespace}/{name}")))
    outputs = checkpoint.record(new, namespace, name, after)
    if failed:
        reason = messages.NOT_UPGRADED.format(id=f"{namespace}/{name}", name=name, namespace=namespace, cause=failed)
        raise PartlyDone(f"{namespace}/{name}", outputs, [reason])
    return outputs
