"""What makes a cloud put the right load balancer before a Service, by kind of cluster.

Sources: awsdocs/amazon-eks-user-guide network-load-balancing and auto-configure-nlb; docs.aws.amazon.com/elasticloadbalancing network
edit-target-group-attributes (the client's address is not kept for targets of type ip unless asked for); MicrosoftDocs/azure-aks-docs
internal-lb; docs.cloud.google.com/kubernetes-engine service-load-balancer-parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headroom.catalog.distributions import AKS, EKS, EKS_AUTO, GKE, KWOK, OTHER


@dataclass(frozen=True)
class LoadBalancer:
    """Annotations of a Service, and the class of its load balancer."""

    internal: Mapping[str, str] | None
    """For an address of the cluster's own network; None where there is no common way to ask for one."""
    public: Mapping[str, str] = field(default_factory=dict)
    """For an address of the internet."""
    load_balancer_class: str | None = None


_AWS = "service.beta.kubernetes.io/aws-load-balancer"
_OF_PODS = {f"{_AWS}-nlb-target-type": "ip", f"{_AWS}-target-group-attributes": "preserve_client_ip.enabled=true"}
_INTERNAL = {**_OF_PODS, f"{_AWS}-scheme": "internal"}
_PUBLIC = {**_OF_PODS, f"{_AWS}-scheme": "internet-facing"}
# Left to the AWS Load Balancer Controller: the balancers that the cluster would make by itself are of a kind that is no longer made.
_OF_CONTROLLER = {f"{_AWS}-type": "external"}

LOAD_BALANCERS: dict[str, LoadBalancer | None] = {
    EKS.name: LoadBalancer(internal={**_OF_CONTROLLER, **_INTERNAL}, public={**_OF_CONTROLLER, **_PUBLIC}),
    EKS_AUTO.name: LoadBalancer(internal=_INTERNAL, public=_PUBLIC, load_balancer_class="eks.amazonaws.com/nlb"),
    AKS.name: LoadBalancer(internal={"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}),
    GKE.name: LoadBalancer(internal={"networking.gke.io/load-balancer-type": "Internal"}, public={"cloud.google.com/l4-rbs": "enabled"}),
    OTHER.name: LoadBalancer(internal=None),
    KWOK.name: None,
}
"""By the name of the distribution; None: nothing there makes load balancers."""
