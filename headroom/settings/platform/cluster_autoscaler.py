"""ClusterAutoscaler: settings of the add-on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from headroom.settings.base import Name, WholeSeconds
from headroom.settings.platform.addon import AddOn
from headroom.settings.platform.forms import form

Role = Annotated[
    str,
    form(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", "the ARN of an IAM role, such as arn:aws:iam::111122223333:role/NAME"),
    Field(title="IAM role"),
]


class ClusterAutoscaler(AddOn):
    """Cluster Autoscaler, which gives node groups of EKS as many nodes as pods wait for."""

    namespace: Name = Field(default="kube-system", description="namespace that it runs in")
    release: Name = Field(default="cluster-autoscaler", description="name of its Helm release; its objects are named after it")
    role: Role | None = Field(
        default=None,
        description="IAM role that its ServiceAccount is annotated with; what a pod identity association gives it when left out",
    )
    unneeded: WholeSeconds = Field(default=600, description="how long a node must be without a pod of its own before it is taken away")
    provision: WholeSeconds = Field(
        default=1800,
        description="how long a node may take to join with its GPUs before another is asked for; drivers and large images take their time",
    )
