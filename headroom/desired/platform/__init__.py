"""The platform's add-ons, one file per chart: the values it is given and the objects beside it."""

from __future__ import annotations

from dataclasses import replace

from headroom.desired.platform import (
    aws_load_balancer_controller,
    cluster_autoscaler,
    efa,
    gpu_operator,
    karpenter,
    keda,
    lws,
    metrics_server,
    mirror,
    monitoring,
    placement,
    prometheus_adapter,
    traefik,
)
from headroom.desired.platform.addon import DesiredAddOn, Release
from headroom.settings.stack import Stack

__all__ = ["DesiredAddOn", "Release", "add_ons"]

_ADD_ONS = (
    monitoring,
    gpu_operator,
    metrics_server,
    prometheus_adapter,
    keda,
    lws,
    aws_load_balancer_controller,
    traefik,
    cluster_autoscaler,
    karpenter,
    efa,
)


def add_ons(stack: Stack) -> dict[str, DesiredAddOn]:
    """The add-ons of a stack by name, each after those that it needs."""
    first = placement.add_on(stack)
    found = [mirror.from_mirror(module.add_on(stack), stack.platform.images) for module in _ADD_ONS]
    return {first.name: first, **{addon.name: replace(addon, needs=(first.name, *addon.needs)) for addon in found}}
