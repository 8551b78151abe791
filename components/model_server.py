"""ModelServer: one server's desired objects as Pulumi resources."""

import pulumi

from components.objects import apply
from headroom.desired.render import DesiredServer

_WAITS_FOR = {"workload": ("identity", "models"), "autoscaler": ("workload",)}
"""Roles that must be there first; everything else may appear in any order."""


class ModelServer(pulumi.ComponentResource):
    """A model server with its Service, monitor, recording rules and autoscaler.

    `spec` is one server of `headroom.desired.render`. Its Deployment is waited for as long as the engine may take to start.
    """

    endpoints: pulumi.Output[dict[str, str]]
    """URL by port name, inside the cluster."""

    def __init__(self, name: str, spec: DesiredServer, *, opts: pulumi.ResourceOptions | None = None):
        super().__init__("headroom:index:ModelServer", name, {}, opts)
        timeouts = pulumi.CustomTimeouts(create=f"{spec.create_seconds}s", update=f"{spec.update_seconds}s")
        children: dict[str, pulumi.Resource] = {}
        for role, obj in spec.objects.items():
            children[role] = apply(
                f"{name}-{role}",
                obj,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[children[first] for first in _WAITS_FOR.get(role, ()) if first in children],
                    custom_timeouts=timeouts if role == "workload" else None,
                ),
            )
        host = f"{spec.name}.{spec.namespace}.svc"
        ports = spec.objects["service"]["spec"]["ports"]
        self.endpoints = pulumi.Output.from_input({port["name"]: f"{host}:{port['port']}" for port in ports})
        self.register_outputs({"endpoints": self.endpoints})
