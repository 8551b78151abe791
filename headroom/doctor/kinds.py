"""What is read of a cluster: these lists. The least rights that suffice are a ClusterRole made of the same table."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.desired.objects import Object
from headroom.plugins.kubernetes.client import GVK


@dataclass(frozen=True)
class Kind:
    """A list that is read."""

    gvk: GVK
    plural: str
    tells: str
    """What cannot be said without it."""
    metadata_only: bool = False
    """Only metadata is asked for, so that the objects' content never leaves the API server."""
    field_selector: str = ""

    @property
    def named(self) -> str:
        return f"{self.plural}.{self.gvk.group}" if self.gvk.group else self.plural


API_SERVICES = Kind(GVK("apiregistration.k8s.io/v1", "APIService"), "apiservices", "who serves the metrics APIs")
DEFINITIONS = Kind(
    GVK("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    "customresourcedefinitions",
    "which custom resources there are",
    metadata_only=True,
)
DEPLOYMENTS = Kind(GVK("apps/v1", "Deployment"), "deployments", "which operators and controllers run")
DAEMON_SETS = Kind(GVK("apps/v1", "DaemonSet"), "daemonsets", "which device plugins run")
SERVICES = Kind(GVK("v1", "Service"), "services", "whether a Prometheus is where it is looked for")
NODES = Kind(GVK("v1", "Node"), "nodes", "what kind of cluster this is, and its GPUs")
INGRESS_CLASSES = Kind(GVK("networking.k8s.io/v1", "IngressClass"), "ingressclasses", "which ingress class is the default")
PROMETHEUSES = Kind(GVK("monitoring.coreos.com/v1", "Prometheus"), "prometheuses", "which monitors and rules the Prometheus selects")
CLUSTER_POLICIES = Kind(GVK("nvidia.com/v1", "ClusterPolicy"), "clusterpolicies", "whose GPU Operator it is", metadata_only=True)
RELEASES = Kind(
    GVK("v1", "Secret"), "secrets", "which Helm releases there are", metadata_only=True, field_selector="type=helm.sh/release.v1"
)

PREFLIGHT = (API_SERVICES, DEFINITIONS, DEPLOYMENTS, DAEMON_SETS, SERVICES, NODES, INGRESS_CLASSES, PROMETHEUSES, CLUSTER_POLICIES)
"""What decides whether a stack collides with its cluster."""
EVERYTHING = (*PREFLIGHT, RELEASES)


def rights() -> Object:
    """The ClusterRole of somebody who may run the doctor and the preflight.

    Not in it: Secrets, whose right to be listed is the right to be read, so that releases are known by what they made; and Services through
    the API server, which is the right to ask every Service anything. Of the one Prometheus it is in `loop.rights`.
    """
    by_group: dict[str, list[str]] = {}
    for kind in PREFLIGHT:
        by_group.setdefault(kind.gvk.group, []).append(kind.plural)
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "headroom-doctor"},
        "rules": [{"apiGroups": [group], "resources": plurals, "verbs": ["list"]} for group, plurals in by_group.items()],
    }
