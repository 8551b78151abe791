"""Delete: `helm uninstall`."""

from __future__ import annotations

from headroom.plugins.kubernetes.helm import checkpoint, messages, options, program
from headroom.plugins.kubernetes.helm.checkpoint import Values
from headroom.plugins.kubernetes.operations import Operation
from headroom.plugins.kubernetes.operations.deleting import unreachable
from headroom.plugins.kubernetes.properties import plain


def delete(operation: Operation, old_outputs: Values, *, timeout: float) -> None:
    """A release that is gone already counts as deleted. What its chart wants to be kept is named in a warning."""
    failure = operation.unreachable()
    if failure is not None:
        return unreachable(operation, failure)
    release = {**plain(old_outputs), **checkpoint.inputs_of(old_outputs)}
    client = operation.client()
    command = ["uninstall", release["name"], f"--namespace={release['namespace']}", *options.uninstall_flags(release)]
    said = program.run(command, target=client.target, cancelled=operation.plugin.cancelled)
    if kept := said.partition("These resources were kept")[2]:
        operation.log(messages.UNINSTALLED.format(info=f"These resources were kept{kept}".strip()), "warning")
    return None
