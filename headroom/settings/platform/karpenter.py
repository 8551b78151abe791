"""Karpenter: settings of the add-on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from headroom.settings.base import Name, WholeSeconds
from headroom.settings.platform.addon import AddOn
from headroom.settings.platform.cluster_autoscaler import Role
from headroom.settings.platform.forms import form

RoleName = Annotated[str, form(r"[\w+=,.@-]{1,64}", "the name of an IAM role, without its ARN"), Field(title="name of an IAM role")]
NodeImage = Annotated[
    str,
    form(
        r"(al2023|bottlerocket)@(latest|v[0-9][0-9.]*)", "al2023@ or bottlerocket@ and a version, such as al2023@v20260714 or al2023@latest"
    ),
    Field(title="images of nodes"),
]
Queue = Annotated[str, form(r"[\w-]{1,80}(\.fifo)?", "the name of an SQS queue, not its address"), Field(title="name of a queue")]


class Karpenter(AddOn):
    """Karpenter, which makes the nodes that pods wait for one by one, without node groups."""

    namespace: Name = Field(default="kube-system", description="namespace that it runs in")
    release: Name = Field(default="karpenter", description="name of its Helm release; its objects are named after it")
    role: Role | None = Field(
        default=None,
        description="IAM role that its ServiceAccount is annotated with; what a pod identity association gives it when left out",
    )
    unneeded: WholeSeconds = Field(default=600, description="how long a node must be without a pod of its own before it is taken away")
    node_role: RoleName | None = Field(
        default=None,
        description="IAM role of the nodes that it makes; `KarpenterNodeRole-` and the cluster's name when left out, made with the cluster "
        "where the program makes that",
    )
    image: NodeImage = Field(
        default="al2023@latest",
        description="images of the nodes: nodes of another image are replaced, and with `latest` by every one that AWS publishes",
    )
    interruption_queue: Queue | None = Field(
        default=None,
        description="SQS queue that EC2 tells of spot nodes it takes back; without it their pods have no warning. One is made with "
        "the cluster where the program makes that",
    )

    def role_of_nodes(self, cluster: str) -> str:
        """The name of the IAM role of the nodes that it makes in a cluster."""
        return self.node_role or f"KarpenterNodeRole-{cluster}"
