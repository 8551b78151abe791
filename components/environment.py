"""A stack: cluster, pools, namespaces, servers."""

from typing import Any

import pulumi

from components.cluster import connect
from components.model_server import ModelServer
from components.objects import apply
from headroom.desired import Desired
from headroom.settings import Stack


class Environment(pulumi.ComponentResource):
    """Everything that one stack file asks for."""

    def __init__(self, name: str, stack: Stack, desired: Desired):
        super().__init__("headroom:index:Environment", name, {})
        cluster = connect(stack.cluster)
        inside = pulumi.ResourceOptions(parent=self, provider=cluster.provider)
        pools = cluster.pools(desired, opts=inside)
        namespaces = [apply(namespace["metadata"]["name"], namespace, opts=inside) for namespace in desired.namespaces]
        placed = pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[*pools, *namespaces]))
        self.servers = {server.name: ModelServer(server.name, server, opts=placed) for server in desired.servers}
        self.next_steps = {
            server.name: [
                f"kubectl --namespace {server.namespace} get hpa {server.name} --watch",
                *([f"headroom sandbox load {server.name}"] if stack.cluster.provider == "kwok" else []),
            ]
            for server in desired.servers
        }
        self.register_outputs({})

    @property
    def outputs(self) -> dict[str, Any]:
        """What the stack exports: where each server answers, and what to do next."""
        return {"endpoints": {name: server.endpoints for name, server in self.servers.items()}, "nextSteps": self.next_steps}
