"""What a cluster was found to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headroom.doctor.kinds import Kind
from headroom.doctor.reading import Unread


@dataclass(frozen=True)
class HelmRelease:
    """A release of Helm, as the objects that it made name it."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"Helm release {self.name} in namespace {self.namespace}"


@dataclass(frozen=True)
class MetricsApi:
    """A version of one of the three metrics APIs, registered with the API server."""

    name: str
    """Of the APIService: `v1beta1.metrics.k8s.io`."""
    group: str
    service: str
    """`namespace/name` of the Service that it leads to."""
    available: bool
    why: str = ""
    """What the API server says of one that is not available."""
    release: HelmRelease | None = None


@dataclass(frozen=True)
class Controller:
    """A Deployment that is known by its image."""

    add_on: str
    """As a stack spells it, or the project's own name where a stack has no setting for it."""
    namespace: str
    name: str
    version: str
    release: HelmRelease | None = None
    prometheus: str = ""
    """URL of the Prometheus that it was told of on its command line."""
    everywhere: bool = True
    """Whether it looks after every namespace."""


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus of the Prometheus Operator, and the labels that its selectors demand: None selects nothing, {} everything."""

    namespace: str
    name: str
    monitors: Mapping[str, str] | None
    """Of PodMonitors."""
    rules: Mapping[str, str] | None
    all_namespaces: bool
    """Whether monitors and rules of every namespace are seen."""
    told: bool = True
    """Whether its selectors are matchLabels alone, which can be told here."""
    release: HelmRelease | None = None


@dataclass(frozen=True)
class Service:
    namespace: str
    name: str
    ports: tuple[int, ...]
    like_prometheus: bool = False
    """Whether its name or labels say Prometheus, and it has the port."""
    answers: bool | None = None
    """Whether it answered as a Prometheus; None where it was not asked."""


@dataclass(frozen=True)
class IngressClass:
    name: str
    controller: str
    default: bool
    release: HelmRelease | None = None


@dataclass(frozen=True)
class DevicePlugin:
    """A DaemonSet that offers NVIDIA GPUs to the kubelet."""

    namespace: str
    name: str
    nodes: int
    """How many nodes it is to run on at present."""
    keeps_off_labelled: bool
    """Whether it is GKE's, which leaves nodes alone that carry `gke-no-default-nvidia-gpu-device-plugin`."""
    policy: str = ""
    """The ClusterPolicy of the GPU Operator that made it."""
    release: HelmRelease | None = None


@dataclass(frozen=True)
class GpuNode:
    name: str
    gpus: int
    product: str
    taints: tuple[str, ...]
    plugin_built_in: bool
    """Whether its image brings the device plugin, which no DaemonSet shows."""


@dataclass(frozen=True)
class Found:
    """Everything that was found; what could not be read is in `unread`, and nothing may be concluded from its absence."""

    distribution: str = "other"
    """As `cluster.distribution` spells it, or `kwok`."""
    because: str = ""
    apis: tuple[MetricsApi, ...] = ()
    definitions: Mapping[str, HelmRelease | None] = field(default_factory=dict)
    """Custom resource definitions by name, with the release that made them."""
    controllers: tuple[Controller, ...] = ()
    prometheuses: tuple[Prometheus, ...] = ()
    services: tuple[Service, ...] = ()
    ingress_classes: tuple[IngressClass, ...] = ()
    device_plugins: tuple[DevicePlugin, ...] = ()
    cluster_policies: Mapping[str, HelmRelease | None] = field(default_factory=dict)
    gpu_nodes: tuple[GpuNode, ...] = ()
    feature_discovery: bool = False
    """Whether nodes carry labels of Node Feature Discovery."""
    releases: tuple[HelmRelease, ...] = ()
    unread: tuple[Unread, ...] = ()

    def knows(self, *kinds: Kind) -> bool:
        """Whether all of `kinds` were read."""
        return not {unread.kind for unread in self.unread} & set(kinds)

    def serving(self, group: str) -> tuple[MetricsApi, ...]:
        return tuple(api for api in self.apis if api.group == group)

    def of(self, add_on: str) -> tuple[Controller, ...]:
        return tuple(controller for controller in self.controllers if controller.add_on == add_on)

    def service(self, namespace: str, name: str) -> Service | None:
        return next((found for found in self.services if (found.namespace, found.name) == (namespace, name)), None)

    @property
    def prometheus_services(self) -> tuple[Service, ...]:
        """Services that answered as a Prometheus, or look like one and could not be asked."""
        return tuple(service for service in self.services if service.answers or (service.like_prometheus and service.answers is None))
