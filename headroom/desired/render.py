"""A whole stack as plain objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headroom.catalog.names import APP_MANAGED_BY, MANAGER, server_labels
from headroom.catalog.signals import SIGNALS
from headroom.desired import alerts, autoscaling, joined, monitoring, namespaces, node_pools, platform, pools, routing, serving, shared
from headroom.desired.binding import BoundSignal, Place, bind
from headroom.desired.gpus import gpus_of
from headroom.desired.objects import Object, obj
from headroom.desired.serving import in_the_cloud, network
from headroom.settings.cluster import KwokCluster
from headroom.settings.consistency import engine_of
from headroom.settings.overrides import served_name
from headroom.settings.reachability import route_owner, routed_ports
from headroom.settings.stack import Stack

_LEVELS = ("restricted", "baseline", "privileged")
_OF_THE_CLUSTER = ("kube-system", "default")


@dataclass(frozen=True)
class DesiredServer:
    """What one server asks for, and how long that may take."""

    name: str
    namespace: str
    signals: tuple[BoundSignal, ...]
    objects: Mapping[str, Object]
    """By role: the name that stays when an object's own name carries a hash."""
    credentials: Mapping[str, serving.Uses]
    """What is filled into which Secret, by role and key."""
    protected: frozenset[str]
    """Roles of what Pulumi refuses to delete."""
    create_seconds: int
    """How long until the first replica serves, or never will."""
    update_seconds: int
    """How long until a change has reached every replica."""


@dataclass(frozen=True)
class Desired:
    """Everything that a stack asks a cluster for."""

    namespaces: tuple[Object, ...]
    pools: Mapping[str, tuple[Object, ...]]
    """Nodes by pool, where the program makes them itself (kwok)."""
    shared: Mapping[str, Object]
    """Of the stack as a whole, by role: dashboards, warm pools."""
    servers: tuple[DesiredServer, ...]
    shared_credentials: Mapping[str, serving.Uses] = field(default_factory=dict)
    """What is filled into which Secret of `shared`, by role and key."""
    platform: Mapping[str, platform.DesiredAddOn] = field(default_factory=dict)
    """Add-ons by name, each after those that it needs."""
    node_groups: tuple[pools.NodeGroup, ...] = ()
    """What a cloud is asked for, where it makes the nodes."""
    shares: Mapping[str, Object] = field(default_factory=dict)
    """Quotas and priority classes of the namespaces, by role."""

    @property
    def objects(self) -> tuple[Object, ...]:
        nodes = (node for pool in self.pools.values() for node in pool)
        of_add_ons = (item for addon in self.platform.values() for item in (*addon.objects.values(), *addon.later.values()))
        of_servers = (item for server in self.servers for item in server.objects.values())
        return (*nodes, *self.namespaces, *self.shares.values(), *of_add_ons, *self.shared.values(), *of_servers)


def render(stack: Stack) -> Desired:
    """The desired objects of a stack."""
    servers = tuple(_server(stack, name) for name in stack.servers)
    held_at = {name: SIGNALS[name] for settings in stack.servers.values() for name in settings.autoscaling.signals}
    whole = shared.objects(stack, list(held_at.values()))
    add_ons = platform.add_ons(stack)
    scaled = node_pools.by_karpenter(stack)
    return Desired(
        namespaces=tuple(_namespace(name, level) for name, level in sorted(_namespaces(stack, bool(whole), add_ons).items())),
        pools={
            name: pools.kwok_nodes(stack.name, name, pool, stack.platform.gpu_operator.mig_strategy, scaled=name in scaled)
            for name, pool in stack.pools.items()
        }
        if isinstance(stack.cluster, KwokCluster)
        else {},
        shared={**whole, **pools.objects(stack)},
        servers=servers,
        shared_credentials=shared.credentials(stack),
        platform=add_ons,
        node_groups=pools.node_groups(stack),
        shares=namespaces.shares(stack),
    )


def _namespaces(stack: Stack, shared: bool, add_ons: Mapping[str, platform.DesiredAddOn]) -> dict[str, str]:
    """The Pod Security level of every namespace that the stack makes, the most permissive that anything in it needs."""
    levels = [(stack.namespace, "restricted")] if shared else []
    for server in stack.servers.values():
        # A server needs no privilege on its node, and the admission controller holds it to that, unless its cache is on the node itself.
        on_node = server.cache is not None and server.cache.host_path is not None
        levels.append((server.namespace or stack.namespace, "privileged" if on_node else "restricted"))
    levels += [(name, "restricted") for name in stack.namespaces]
    levels += [(release.namespace, addon.pod_security) for addon in add_ons.values() for release in addon.releases]
    found: dict[str, str] = {}
    for name, level in levels:
        found[name] = max(found.get(name, level), level, key=_LEVELS.index)
    elsewhere = {*_OF_THE_CLUSTER, *(name for name, settings in stack.namespaces.items() if settings.existing)}
    return {name: level for name, level in found.items() if name not in elsewhere}


def _namespace(name: str, level: str) -> Object:
    return obj("v1", "Namespace", name, labels={APP_MANAGED_BY: MANAGER, "pod-security.kubernetes.io/enforce": level})


def _server(stack: Stack, name: str) -> DesiredServer:
    settings = stack.servers[name]
    engine = engine_of(settings)
    namespace = settings.namespace or stack.namespace
    labels = server_labels(engine.name, name)
    files = stack.model_files.get(name, {})
    images = stack.platform.images
    served = serving.objects(name, namespace, labels, engine, settings, gpus_of(stack, settings), files, stack.credentials, images)
    metrics = stack.platform.monitoring
    place = Place(name, namespace, metrics.scrape_interval, metrics.window)
    filling = serving.values(engine, settings)
    signals = bind(engine, place, model=served_name(settings, engine), targets=settings.autoscaling.signals, filling=filling)
    routed = [port.name for port in routed_ports(settings.route, engine)] if settings.route else []
    owner = route_owner(stack.servers, name)
    around = network.Neighbours(stack.platform, stack.servers[owner or name].route, stack.cluster.runs_on.name)
    wake = autoscaling.wake(settings.autoscaling.wake, place, routed)
    common = (name, namespace, labels)
    startup = serving.startup_seconds(engine, settings)
    watched = alerts.Watched(
        name=name,
        namespace=namespace,
        signals=signals,
        resources=[resource for signal in settings.autoscaling.signals if (resource := SIGNALS[signal].resource)],
        window=stack.platform.monitoring.window,
        startup=startup,
        scaled_by_keda=settings.autoscaling.backend.value == "keda",
    )
    workload = joined.marked(served.objects["workload"], owner) if owner else served.objects["workload"]
    own = namespaces.prioritised({**served.objects, "workload": workload}, name, namespace, stack.namespaces.get(namespace))
    scaled = autoscaling.Scaled(
        place=place,
        labels=labels,
        target={"apiVersion": workload["apiVersion"], "kind": workload["kind"], "name": workload["metadata"]["name"]},
        settings=settings.autoscaling,
        signals=signals,
        wake=wake,
        monitoring=metrics,
        startup_seconds=startup,
    )
    return DesiredServer(
        name=name,
        namespace=namespace,
        signals=signals,
        objects={
            "guard": network.guard(*common, engine, settings, around),
            **in_the_cloud.identified(own, name, settings.identity, stack.cluster),
            "monitor": monitoring.pod_monitor(*common, engine, settings.parallelism.nodes, stack.platform.monitoring),
            "rules": monitoring.prometheus_rule(*common, signals, wake, alerts.group(watched), stack.platform.monitoring),
            **autoscaling.objects(scaled),
            **routing.objects(*common, engine, settings, stack.platform.traefik),
        },
        credentials={**served.credentials, **autoscaling.credentials(scaled), **routing.credentials(settings)},
        protected=frozenset({"cache"} if settings.cache and settings.cache.deletion_protection else ()),
        create_seconds=startup + 60,
        update_seconds=(startup + int(settings.drain)) * settings.autoscaling.replicas.max + 60,
    )
