"""ModelServer: one server's desired objects as Pulumi resources."""

from collections.abc import Mapping
from types import MappingProxyType

import pulumi

from components.credentials import filled_in
from components.objects import apply, told
from headroom.desired.render import DesiredServer

_WAITS_FOR = {
    "preparation": ("identity", "cache"),
    "workload": ("identity", "models", "guard", "preparation"),
    "autoscaler": ("workload", "prometheus-authentication"),
}
"""Roles that must be there first; everything else may appear in any order. Whoever mounts Secrets waits for them too."""


_NOTHING: Mapping[str, pulumi.Output[str]] = MappingProxyType({})


class ModelServer(pulumi.ComponentResource):
    """A model server with its Service, monitor, recording rules and autoscaler.

    `spec` is one server of `headroom.desired.render`, `known` what the cloud alone knows of it, by what stands for it there. Its
    Deployment is waited for as long as the engine may take to start.
    """

    endpoints: pulumi.Output[dict[str, str]]
    """URL by port name, inside the cluster."""

    def __init__(
        self,
        name: str,
        spec: DesiredServer,
        *,
        known: Mapping[str, pulumi.Output[str]] = _NOTHING,
        opts: pulumi.ResourceOptions | None = None,
    ):
        super().__init__("headroom:index:ModelServer", name, {}, opts)
        timeouts = pulumi.CustomTimeouts(create=f"{spec.create_seconds}s", update=f"{spec.update_seconds}s")
        children: dict[str, pulumi.Resource] = {}
        for role, obj in spec.objects.items():
            children[role] = apply(
                f"{name}-{role}",
                told(filled_in(obj, spec.credentials.get(role)), known),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[children[first] for first in _before(role, spec) if first in children],
                    protect=role in spec.protected,
                    custom_timeouts=timeouts if role in ("workload", "preparation") else None,
                ),
            )
        host = f"{spec.name}.{spec.namespace}.svc"
        ports = spec.objects["service"]["spec"]["ports"]
        self.endpoints = pulumi.Output.from_input({port["name"]: f"{host}:{port['port']}" for port in ports})
        self.register_outputs({"endpoints": self.endpoints})


def _before(role: str, spec: DesiredServer) -> tuple[str, ...]:
    first = _WAITS_FOR.get(role, ())
    return (*first, *spec.credentials) if first else ()
