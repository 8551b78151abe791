"""AWS Load Balancer Controller (chart 3.5.0) on EKS: the load balancers of Services.

Source of the keys and of what they do: kubernetes-sigs/aws-load-balancer-controller v3.5.0 helm/aws-load-balancer-controller (values.yaml,
templates) and docs/deploy/{configurations,installation}.md.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.desired.clusters.load_balancers import VPC
from headroom.desired.objects import Object
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.karpenter import ROLE_ANNOTATION
from headroom.desired.platform.monitor import service_monitor
from headroom.settings.cluster import Cluster, EksCluster
from headroom.settings.platform import Mode, Platform
from headroom.settings.stack import Stack


def values(platform: Platform, cluster: Cluster) -> Object:
    """Values with which it serves Services that ask for it, and nothing else in the cluster depends on it."""
    controller = platform.aws_load_balancer_controller
    annotations = {"annotations": {ROLE_ANNOTATION: controller.role}} if controller.role else {}
    return {
        "fullnameOverride": controller.release,
        "clusterName": cluster.name,
        # Pods have no way to the metadata of their node, which it would ask.
        **({"region": cluster.region, "vpcId": VPC} if isinstance(cluster, EksCluster) else {}),
        "serviceAccount": {"name": controller.release, **annotations},
        "replicaCount": 2,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        # The chart's own choice.
        **placement.pods(platform, priority_class=placement.system_critical(controller.namespace)),
        # Otherwise each upgrade brings another certificate, and its webhooks refuse everything until its pods have read it.
        "keepTLSSecret": True,
        # Otherwise no Service of the cluster could be made while it is away. Traefik's says itself whose it is.
        "enableServiceMutatorWebhook": False,
        # Ingresses are Traefik's, and a Gateway nobody's: with Traefik's definitions it would begin to serve those at its next start.
        "createIngressClassResource": False,
        "webhookConfig": {"disableIngressValidation": True},
        "controllerConfig": {"featureGates": {"ALBGatewayAPI": False, "NLBGatewayAPI": False}},
        # Of load balancers of HTTP alone, and its role has no right to them.
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        **({"serviceMonitor": service_monitor(platform.monitoring)} if platform.monitoring.mode is not Mode.NONE else {}),
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    settings, asked = stack.platform.aws_load_balancer_controller, values(stack.platform, stack.cluster)
    return installed("awsLoadBalancerController", charts.AWS_LOAD_BALANCER_CONTROLLER, settings, asked, stack, needs=("monitoring",))
