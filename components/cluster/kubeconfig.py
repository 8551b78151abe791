"""The kubernetes Provider of a cluster that a kubeconfig leads to."""

import pulumi
import pulumi_kubernetes

from headroom.doctor.access import Access


def provider(name: str, way: Access) -> pulumi_kubernetes.Provider:
    """A Provider whose kubeconfig is a secret and whose identity is the cluster's name, not its address.

    Raises `pulumi.RunError` with the remedy when there is no kubeconfig.
    """
    if not way.leads:
        raise pulumi.RunError(way.missing)
    text = pulumi.Output.secret(way.kubeconfig.read_text())
    return pulumi_kubernetes.Provider(name, kubeconfig=text, context=way.context, cluster_identifier=name)
