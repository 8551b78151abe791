"""What a run that was cut off left pending: Helm refuses every operation on such a release."""

from __future__ import annotations

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.failures import Failed
from headroom.plugins.kubernetes.helm import messages, options, program, storage
from headroom.plugins.kubernetes.helm.storage import Revision
from headroom.plugins.kubernetes.operations import Operation


def settled(operation: Operation, client: Client, namespace: str, name: str) -> Revision | None:
    """The release as it is, once its last good revision is back where a later one was cut off; None where there is none."""
    history = storage.revisions(client, namespace, name)
    if not history or not history[-1].is_pending:
        return next(reversed(history), None)
    good = [revision.number for revision in history if revision.status in (storage.DEPLOYED, storage.SUPERSEDED)]
    if not good:
        return undo_install(operation, client, namespace, name, history[-1])
    operation.log(messages.CUT_OFF_UPGRADE.format(name=name, status=history[-1].status, revision=good[-1]), "warning")
    rollback = ["rollback", name, str(good[-1]), f"--namespace={namespace}"]
    program.run(rollback, target=client.target, cancelled=operation.plugin.cancelled)
    return storage.latest(client, namespace, name)


def undo_install(operation: Operation, client: Client, namespace: str, name: str, pending: Revision) -> None:
    """Takes away what an installation of this resource that was cut off has made. Raises `Failed` for one of anybody else.

    Nobody is at it any more: whoever runs the stack holds its lock.
    """
    label, ours = options.mark(operation.urn)
    if pending.labels.get(label) != ours:
        raise Failed(messages.PENDING_ELSEWHERE.format(id=f"{namespace}/{name}", name=name, namespace=namespace, status=pending.status))
    operation.log(messages.CUT_OFF_INSTALL.format(name=name, status=pending.status), "warning")
    uninstall = ["uninstall", name, f"--namespace={namespace}", "--wait"]
    program.run(uninstall, target=client.target, cancelled=operation.plugin.cancelled)
