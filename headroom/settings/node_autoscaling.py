"""Who brings nodes: one autoscaler at most, where it can run, and pools that it can see at zero nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headroom.catalog.distributions import EKS, KWOK, Distribution
from headroom.catalog.gpu_nodes import SharingMode
from headroom.settings.cluster import Cluster, EksCluster, KwokCluster
from headroom.settings.platform import Mode, Platform
from headroom.settings.pool import Pool
from headroom.settings.problems import Problem

_AUTOSCALERS = ("clusterAutoscaler", "karpenter")
_KARPENTER = ("platform", "karpenter")


def node_autoscaling(platform: Platform, cluster: Cluster, pools: Mapping[str, Pool]) -> Iterator[Problem]:
    """`pools` are the valid ones of the stack."""
    asked = [name for name in _AUTOSCALERS if platform.add_ons[name].mode is not Mode.NONE]
    if len(asked) > 1:
        yield Problem(_KARPENTER, "and platform.clusterAutoscaler would both bring nodes for the same pods: set one of them to none")
    for name in asked:
        yield from _where(name, platform.add_ons[name].mode, cluster.runs_on)
    ours = isinstance(cluster, KwokCluster | EksCluster)
    if platform.karpenter.mode is not Mode.NONE and ours:
        for name, pool in pools.items():
            if pool.max > pool.min:
                yield from _by_karpenter(name, pool)
                if isinstance(cluster, KwokCluster) and not isinstance(pool.machine, str):
                    yield Problem(("pools", name, "machine"), "the sandbox's Karpenter makes machines of the catalogue alone: name one")
    if isinstance(cluster, EksCluster):
        yield from _on_eks(cluster, platform, asked, pools)


def _on_eks(cluster: EksCluster, platform: Platform, asked: list[str], pools: Mapping[str, Pool]) -> Iterator[Problem]:
    if cluster.create and platform.karpenter.mode is Mode.EXISTING:
        yield Problem(_KARPENTER, "is not in a cluster that the program makes: set helm, or platform.clusterAutoscaler: helm instead")
    for name, pool in pools.items():
        if not asked and pool.max > pool.min:
            yield Problem(
                ("pools", name, "max"),
                "is above min, and nothing brings the nodes between them: set platform.clusterAutoscaler or platform.karpenter to helm",
            )


def _where(name: str, mode: Mode, on: Distribution) -> Iterator[Problem]:
    path = ("platform", name)
    if on.scales_nodes:
        yield Problem(path, f"{on.scales_nodes}, and a second autoscaler would undo its work: leave it out")
    elif on is KWOK and (name, mode) != ("karpenter", Mode.EXISTING):
        yield Problem(path, "the sandbox runs Karpenter, as a process of its own: set platform.karpenter: existing")
    elif on is not EKS and on is not KWOK and mode is Mode.HELM:
        yield Problem(path, f"is installed on Amazon EKS alone, and this is {on.title}: set existing, or leave it out")


def _by_karpenter(name: str, pool: Pool) -> Iterator[Problem]:
    path = ("pools", name)
    if pool.sharing.mode is not SharingMode.NONE:
        yield Problem(
            (*path, "sharing"),
            "Karpenter knows how many GPUs a machine has, not into how many parts they are shared, and brings too many nodes for them or "
            "none: set max to min, or scale the pool with platform.clusterAutoscaler",
        )
    for key, asked in (("interconnect", pool.interconnect), ("imageStreaming", pool.image_streaming)):
        if asked:
            yield Problem(
                (*path, key), "is not set up on nodes that Karpenter makes: leave it out, or scale the pool with platform.clusterAutoscaler"
            )
