"""AwsLoadBalancerController: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn
from headroom.settings.platform.cluster_autoscaler import Role


class AwsLoadBalancerController(AddOn):
    """AWS Load Balancer Controller, which makes the load balancers of Services on EKS."""

    namespace: Name = Field(default="kube-system", description="namespace that it runs in")
    release: Name = Field(default="aws-load-balancer-controller", description="name of its Helm release; its objects are named after it")
    role: Role | None = Field(
        default=None,
        description="IAM role that its ServiceAccount is annotated with; what a pod identity association gives it when left out",
    )
