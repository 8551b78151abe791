"""A look at the cluster before any resource is registered: a stack that would collide with what is there is refused whole."""

from pathlib import Path

import pulumi

from headroom.desired import Desired
from headroom.doctor import conflicts, detect, read
from headroom.doctor.access import access
from headroom.doctor.kinds import PREFLIGHT
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.settings import InvalidStack, Stack

_NOT_LOOKED = "the cluster was not looked at for what this stack would collide with"


def preflight(stack: Stack, desired: Desired) -> None:
    """Raises `pulumi.RunError` with every collision at once; at a preview as at an update, since a preview that passes promises an update.

    What cannot be seen is no reason to refuse: a cluster that does not answer and lists that may not be read are warnings. The Provider,
    which may know other ways to the cluster, then says for itself whether it can work.
    """
    way = access(stack.cluster, Clone.find(Path(__file__).parent))
    if not way.kubeconfig.is_file():
        return
    try:
        client = Client.from_kubeconfig(str(way.kubeconfig), context=way.context or "")
        reading = read(client, PREFLIGHT)
    except ClusterError as error:
        pulumi.log.warn(f"{_NOT_LOOKED}: {error}")
        return
    if reading.unread:
        pulumi.log.warn(f"{_NOT_LOOKED} as far as it should be: " + "; ".join(map(str, reading.unread)))
    problems = conflicts(detect(reading), stack, desired)
    if problems:
        raise pulumi.RunError(str(InvalidStack(f"stack {stack.name} on the cluster {stack.cluster.name}", problems)))
