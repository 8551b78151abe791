"""Who makes the load balancer that Traefik asks for on EKS: nothing that EKS itself brings, and a Service would wait for it for ever."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.catalog.distributions import EKS, EKS_AUTO
from headroom.settings.cluster import Cluster, EksCluster
from headroom.settings.platform import Mode, Platform
from headroom.settings.platform.traefik import Scope
from headroom.settings.problems import Problem

_CONTROLLER = ("platform", "awsLoadBalancerController")


def load_balancer_needs(platform: Platform, cluster: Cluster) -> Iterator[Problem]:
    mode, on = platform.aws_load_balancer_controller.mode, cluster.runs_on
    if mode is Mode.HELM and on is EKS_AUTO:
        yield Problem(_CONTROLLER, "Auto Mode makes load balancers itself: leave it out")
    elif mode is Mode.HELM and on is not EKS:
        yield Problem(_CONTROLLER, f"is installed on Amazon EKS alone, and this is {on.title}: set existing, or leave it out")
    if mode is Mode.EXISTING and isinstance(cluster, EksCluster) and cluster.create:
        yield Problem(_CONTROLLER, "is not in a cluster that the program makes: set helm")
    if mode is Mode.NONE and on is EKS and _asks(platform):
        yield Problem(
            _CONTROLLER,
            "makes the load balancer that platform.traefik asks for, and is not there: Traefik would wait for it for ever; set helm, or "
            "existing where the cluster has it, or platform.traefik.loadBalancer.scope to none for no load balancer",
        )


def _asks(platform: Platform) -> bool:
    return platform.traefik.mode is Mode.HELM and platform.traefik.load_balancer.scope is not Scope.NONE
