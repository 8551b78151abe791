"""The kubernetes Provider of a cluster that a kubeconfig leads to."""

import pulumi
import pulumi_kubernetes

from headroom.doctor.access import Access
from headroom.plugins.kubernetes.errors import ClusterError


def provider(name: str, way: Access) -> pulumi_kubernetes.Provider:
    """A Provider whose kubeconfig is a secret and whose identity is the cluster's name, not its address.

    Raises `pulumi.RunError` with the remedy when there is no kubeconfig, and with the reason when it is none.
    """
    if not way.leads:
        raise pulumi.RunError(way.missing)
    try:
        text = pulumi.Output.secret(way.kubeconfig)
    except ClusterError as error:
        raise pulumi.RunError(str(error)) from None
    return pulumi_kubernetes.Provider(name, kubeconfig=text, context=way.context, cluster_identifier=name)
