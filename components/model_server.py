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
"""Roles that must be there first; everything else may appear in any order. Whoever waits for anything waits for the Secrets too."""


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
        for role in in_order(spec):
            children[role] = apply(
                f"{name}-{role}",
                told(filled_in(spec.objects[role], spec.credentials.get(role)), known),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[children[first] for first in before(role, spec)],
                    protect=role in spec.protected,
                    custom_timeouts=timeouts if role in ("workload", "preparation") else None,
                ),
            )
        host = f"{spec.name}.{spec.namespace}.svc"
        ports = spec.objects["service"]["spec"]["ports"]
        self.endpoints = pulumi.Output.from_input({port["name"]: f"{host}:{port['port']}" for port in ports})
        self.register_outputs({"endpoints": self.endpoints})


def in_order(spec: DesiredServer) -> list[str]:
    """The roles of a server's objects, each after those that it waits for: as they are rendered, but Secrets first."""
    return sorted(spec.objects, key=lambda role: role not in spec.credentials)


def before(role: str, spec: DesiredServer) -> tuple[str, ...]:
    """The roles of a server that must be there before one of its roles is."""
    first = _WAITS_FOR.get(role, ())
    return tuple(one for one in (*first, *spec.credentials) if one in spec.objects) if first else ()
