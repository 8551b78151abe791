"""A look at the cluster before any resource is registered: a stack that would collide with what is there is refused whole."""

from pathlib import Path

import pulumi

from headroom.desired import Desired
from headroom.doctor import conflicts, detect, read
from headroom.doctor.access import NOT_LOOKED, access
from headroom.doctor.kinds import PREFLIGHT
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.settings import InvalidStack, Stack
from headroom.settings.cluster import CLOUDS, ExistingCluster


def preflight(stack: Stack, desired: Desired) -> None:
    """Raises `pulumi.RunError` with every collision at once; at a preview as at an update, since a preview that passes promises an update.

    What cannot be seen is no reason to refuse: a cluster that does not answer and lists that may not be read are warnings. The Provider,
    which may know other ways to the cluster, then says for itself whether it can work.
    """
    if isinstance(stack.cluster, ExistingCluster) and stack.cluster.stack:
        # What the selected kubeconfig leads to may be another cluster.
        pulumi.log.info(f"{NOT_LOOKED}: the way to it is known to {stack.cluster.stack} alone")
        return
    way = access(stack.cluster, Clone.find(Path(__file__).parent))
    if not way.leads:
        if isinstance(stack.cluster, CLOUDS):
            pulumi.log.info(f"{NOT_LOOKED}: {way.missing}")
        return
    try:
        client = Client.from_kubeconfig(way.kubeconfig, context=way.context or "")
        reading = read(client, PREFLIGHT)
    except ClusterError as error:
        pulumi.log.warn(f"{NOT_LOOKED}: {error}")
        return
    if reading.unread:
        pulumi.log.warn(f"{NOT_LOOKED} as far as it should be: " + "; ".join(map(str, reading.unread)))
    problems = conflicts(detect(reading), stack, desired)
    if problems:
        raise pulumi.RunError(str(InvalidStack(f"stack {stack.name} on the cluster {stack.cluster.name}", problems)))
