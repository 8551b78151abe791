"""The Helm charts of the platform: which, at which version, from where.

Sources: each project's own Chart.yaml and installation page.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """A chart at its pinned version."""

    name: str
    version: str
    repository: str
    """URL of the Helm repository, or of the OCI registry that holds it."""
    keeps_definitions_old: bool = False
    """Whether Helm would install its custom resource definitions once and never upgrade them: they lie in the chart's directory `crds`."""

    @property
    def archive(self) -> str:
        """Name of the packaged chart's file, as `helm package` and `helm pull` call it."""
        return f"{self.name}-{self.version}.tgz"

    @property
    def of_definitions(self) -> Chart:
        """The chart that a mirror holds beside it, of its definitions alone: made by `headroom.charts`, published by nobody."""
        return Chart(f"{self.name}-definitions", self.version, self.repository)


GPU_OPERATOR = Chart("gpu-operator", "v26.7.0", "https://helm.ngc.nvidia.com/nvidia", keeps_definitions_old=True)
# Its definitions have a chart of their own, published beside it.
KUBE_PROMETHEUS_STACK = Chart("kube-prometheus-stack", "88.5.3", "https://prometheus-community.github.io/helm-charts")
PROMETHEUS_OPERATOR_CRDS = Chart("prometheus-operator-crds", "31.0.1", "https://prometheus-community.github.io/helm-charts")
METRICS_SERVER = Chart("metrics-server", "3.13.1", "https://kubernetes-sigs.github.io/metrics-server/")
PROMETHEUS_ADAPTER = Chart("prometheus-adapter", "5.3.0", "https://prometheus-community.github.io/helm-charts")
KEDA = Chart("keda", "2.20.2", "https://kedacore.github.io/charts")
TRAEFIK = Chart("traefik", "41.3.0", "https://traefik.github.io/charts", keeps_definitions_old=True)
LWS = Chart("lws", "0.9.0", "oci://registry.k8s.io/lws/charts", keeps_definitions_old=True)
CLUSTER_AUTOSCALER = Chart("cluster-autoscaler", "9.59.0", "https://kubernetes.github.io/autoscaler")
EFA = Chart("aws-efa-k8s-device-plugin", "v0.5.30", "https://aws.github.io/eks-charts")
KARPENTER = Chart("karpenter", "1.14.1", "oci://public.ecr.aws/karpenter", keeps_definitions_old=True)
AWS_LOAD_BALANCER_CONTROLLER = Chart(
    "aws-load-balancer-controller", "3.5.0", "https://aws.github.io/eks-charts", keeps_definitions_old=True
)

CHARTS: dict[str, Chart] = {
    chart.name: chart
    for chart in (
        GPU_OPERATOR,
        KUBE_PROMETHEUS_STACK,
        PROMETHEUS_OPERATOR_CRDS,
        METRICS_SERVER,
        PROMETHEUS_ADAPTER,
        KEDA,
        TRAEFIK,
        LWS,
        CLUSTER_AUTOSCALER,
        KARPENTER,
        EFA,
        AWS_LOAD_BALANCER_CONTROLLER,
    )
}
"""By name."""
