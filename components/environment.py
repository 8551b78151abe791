"""A stack: cluster, pools, namespaces, platform, servers."""

from typing import Any

import pulumi

from components.cluster import connect
from components.credentials import filled_in
from components.model_server import ModelServer
from components.objects import apply
from components.platform import install
from headroom.catalog.names import APP_INSTANCE
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
        within = pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=namespaces))
        platform = install(desired.platform, opts=within)
        placed = pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[*pools, *namespaces, *platform.values()]))
        _apply_shared(desired, placed)
        self.servers = {server.name: ModelServer(server.name, server, opts=placed) for server in desired.servers}
        self.next_steps = {
            server.name: [
                f"kubectl --namespace {server.namespace} get hpa --selector {APP_INSTANCE}={server.name} --watch",
                *([f"headroom sandbox load {server.name}"] if stack.cluster.provider == "kwok" else []),
            ]
            for server in desired.servers
        }
        self.register_outputs({})

    @property
    def outputs(self) -> dict[str, Any]:
        """What the stack exports: where each server answers, and what to do next."""
        return {"endpoints": {name: server.endpoints for name, server in self.servers.items()}, "nextSteps": self.next_steps}


def _apply_shared(desired: Desired, opts: pulumi.ResourceOptions) -> None:
    """What belongs to the whole cluster first: a pod's priority class must be there before the pod."""
    uses = desired.shared_credentials
    filled = {role: filled_in(item, uses[role]) if role in uses else item for role, item in desired.shared.items()}
    of_cluster = [role for role, item in filled.items() if "namespace" not in item["metadata"]]
    first = [apply(role, filled[role], opts=opts) for role in of_cluster]
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=first))
    for role in [role for role in filled if role not in of_cluster]:
        apply(role, filled[role], opts=after)
