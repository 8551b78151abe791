"""A stack: cluster, pools, namespaces, platform, servers."""

from typing import Any

import pulumi

from components.cluster import KUBECONFIG, connect, within
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
        cluster = connect(stack, opts=pulumi.ResourceOptions(parent=self))
        inside = within(cluster, pulumi.ResourceOptions(parent=self))
        pools = cluster.pools(desired, opts=inside)
        namespaces = [apply(namespace["metadata"]["name"], namespace, opts=inside) for namespace in desired.namespaces]
        named = pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=namespaces))
        shares = [apply(role, share, opts=named) for role, share in desired.shares.items()]
        platform = install(desired.platform, known=cluster.known, opts=named)
        placed = pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=[*pools, *namespaces, *shares, *platform.values()]))
        _apply_shared(desired, placed)
        self.servers = {server.name: ModelServer(server.name, server, known=cluster.known, opts=placed) for server in desired.servers}
        self.next_steps = {
            server.name: [
                f"kubectl --namespace {server.namespace} get hpa --selector {APP_INSTANCE}={server.name} --watch",
                *([f"headroom sandbox load {server.name}"] if stack.cluster.provider == "kwok" else []),
            ]
            for server in desired.servers
        }
        self._kubeconfig = cluster.kubeconfig
        self.register_outputs({})

    @property
    def outputs(self) -> dict[str, Any]:
        """What the stack exports: where each server answers, what to do next, and other stacks' way to the cluster."""
        way = {KUBECONFIG: self._kubeconfig} if self._kubeconfig is not None else {}
        return {"endpoints": {name: server.endpoints for name, server in self.servers.items()}, "nextSteps": self.next_steps, **way}


def _apply_shared(desired: Desired, opts: pulumi.ResourceOptions) -> None:
    """What belongs to the whole cluster first: a pod's priority class must be there before the pod."""
    filled = {role: filled_in(item, desired.shared_credentials.get(role)) for role, item in desired.shared.items()}
    of_cluster = [role for role, item in filled.items() if "namespace" not in item["metadata"]]
    first = [apply(role, filled[role], opts=opts) for role in of_cluster]
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=first))
    for role in [role for role in filled if role not in of_cluster]:
        apply(role, filled[role], opts=after)
