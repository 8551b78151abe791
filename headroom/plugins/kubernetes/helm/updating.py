"""Update: `helm upgrade`."""

from __future__ import annotations

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.failures import Failed, PartlyDone
from headroom.plugins.kubernetes.helm import checkpoint, messages, options, program, storage
from headroom.plugins.kubernetes.helm.checkpoint import Values
from headroom.plugins.kubernetes.helm.cluster import client_of
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
    _settle(operation, client, namespace, name)
    before = storage.latest(client, namespace, name)
    verb, flags = ("upgrade", options.upgrade_flags(inputs)) if before else ("install", options.install_flags(inputs))
    command = [verb, name, f"--namespace={namespace}", *options.place(inputs), *flags, "--output=json"]
    failed: program.HelmFailed | None = None
    try:
        program.run(command, target=client.target, values=new["values"], cancelled=operation.plugin.cancelled)
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


def _settle(operation: Operation, client: Client, namespace: str, name: str) -> None:
    """Ends what a run that was cut off left pending: Helm refuses every operation on such a release."""
    history = storage.revisions(client, namespace, name)
    if not history or not history[-1].is_pending:
        return
    status, cancelled = history[-1].status, operation.plugin.cancelled
    good = [revision.number for revision in history if revision.status in (storage.DEPLOYED, storage.SUPERSEDED)]
    if good:
        operation.log(messages.CUT_OFF_UPGRADE.format(name=name, status=status, revision=good[-1]), "warning")
        program.run(["rollback", name, str(good[-1]), f"--namespace={namespace}"], target=client.target, cancelled=cancelled)
    else:
        operation.log(messages.CUT_OFF_INSTALL.format(name=name, status=status), "warning")
        program.run(["uninstall", name, f"--namespace={namespace}", "--wait"], target=client.target, cancelled=cancelled)
