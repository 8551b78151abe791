"""The platform's add-ons: which there are, where they are, and how they are to be."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Settings
from headroom.settings.platform.addon import AddOn, Mode
from headroom.settings.platform.aws_load_balancer_controller import AwsLoadBalancerController
from headroom.settings.platform.charts import Charts, Images
from headroom.settings.platform.cluster_autoscaler import ClusterAutoscaler
from headroom.settings.platform.efa import Efa
from headroom.settings.platform.gpu_operator import GpuOperator
from headroom.settings.platform.karpenter import Karpenter
from headroom.settings.platform.keda import Keda
from headroom.settings.platform.lws import Lws
from headroom.settings.platform.metrics_server import MetricsServer
from headroom.settings.platform.monitoring import WINDOW_SCRAPES, Monitoring
from headroom.settings.platform.placement import Placement
from headroom.settings.platform.prometheus_adapter import PrometheusAdapter
from headroom.settings.platform.traefik import Traefik

__all__ = [
    "WINDOW_SCRAPES",
    "AddOn",
    "AwsLoadBalancerController",
    "Charts",
    "ClusterAutoscaler",
    "Efa",
    "GpuOperator",
    "Images",
    "Karpenter",
    "Keda",
    "Lws",
    "MetricsServer",
    "Mode",
    "Monitoring",
    "Placement",
    "Platform",
    "PrometheusAdapter",
    "Traefik",
]


class Platform(Settings):
    """The add-ons of a stack, and where their charts and images come from."""

    gpu_operator: GpuOperator = Field(
        default_factory=GpuOperator, description="NVIDIA GPU Operator, or whatever else makes the nodes' GPUs schedulable"
    )
    monitoring: Monitoring = Field(default_factory=Monitoring, description="Prometheus Operator with a Prometheus")
    prometheus_adapter: PrometheusAdapter = Field(
        default_factory=PrometheusAdapter, description="prometheus-adapter, which backend hpa reads signals through"
    )
    keda: Keda = Field(default_factory=Keda, description="KEDA, which backend keda scales through")
    metrics_server: MetricsServer = Field(
        default_factory=MetricsServer, description="metrics-server: CPU and memory of pods and nodes, and `kubectl top`"
    )
    lws: Lws = Field(default=Lws(mode=Mode.NONE), description="LeaderWorkerSet controller, for servers whose replicas span several nodes")
    traefik: Traefik = Field(default=Traefik(mode=Mode.NONE), description="Traefik, which brings requests from outside to servers")
    cluster_autoscaler: ClusterAutoscaler = Field(
        default=ClusterAutoscaler(mode=Mode.NONE), description="Cluster Autoscaler, which scales node groups of EKS"
    )
    karpenter: Karpenter = Field(
        default=Karpenter(mode=Mode.NONE), description="Karpenter, which makes the nodes of a pool above its min, on EKS and in the sandbox"
    )
    efa: Efa = Field(
        default=Efa(mode=Mode.NONE),
        description="device plugin of Elastic Fabric Adapters on EKS, for servers whose replicas span several nodes with interconnect",
    )
    aws_load_balancer_controller: AwsLoadBalancerController = Field(
        default=AwsLoadBalancerController(mode=Mode.NONE),
        description="AWS Load Balancer Controller, which makes the load balancer before Traefik on EKS; Auto Mode does so itself",
    )
    placement: Placement = Field(default_factory=Placement, description="where the add-ons that this program installs run")
    charts: Charts = Field(default_factory=Charts, description="where charts come from")
    images: Images = Field(default_factory=Images, description="where images come from")

    @property
    def add_ons(self) -> dict[str, AddOn]:
        """The add-ons by name, as a stack spells them."""
        settings = {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}
        return {name: addon for name, addon in settings.items() if isinstance(addon, AddOn)}
