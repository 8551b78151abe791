"""The one place where names are made: recorded series, labels, annotations, groups.

A recorded series follows level, metric, operation the way Prometheus recommends
(https://prometheus.io/docs/practices/rules/), with the level last so that one adapter rule can tell them apart:
`headroom:queue_time_seconds:pod`, `headroom:queue_time_seconds:server`, `headroom:queue_time_seconds:target`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

Level = Literal["pod", "server", "target"]

SERIES_PREFIX = "headroom:"
"""Every recorded series starts with it; the adapter's two rules and the dashboards select on it."""

NAMESPACE_LABEL = "namespace"
POD_LABEL = "pod"
SERVER_LABEL = "server"
"""Prometheus labels of recorded series: `:pod` has all three, `:server` and `:target` have namespace and server."""

APP_NAME = "app.kubernetes.io/name"
APP_INSTANCE = "app.kubernetes.io/instance"
APP_COMPONENT = "app.kubernetes.io/component"
APP_MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "headroom"

POOL_NODE_LABEL = "headroom.dev/pool"
GPU_RESOURCE = "nvidia.com/gpu"
GPU_PRESENT_LABEL = "nvidia.com/gpu.present"
GPU_PRODUCT_LABEL = "nvidia.com/gpu.product"
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
"""The taint that GKE sets by itself on GPU pools; the other clouds get the same (terraform-google-kubernetes-engine#703)."""

SHARED_GPU_RESOURCE = f"{GPU_RESOURCE}.shared"
"""What the device plugin calls a shared GPU when it renames it (NVIDIA/k8s-device-plugin README, renameByDefault)."""
MIG_CONFIG_LABEL = "nvidia.com/mig.config"
"""Tells the operator's MIG manager how to cut the GPUs of a node."""
DEVICE_PLUGIN_CONFIG_LABEL = "nvidia.com/device-plugin.config"
"""Tells the device plugin and GPU Feature Discovery which of the configurations of their ConfigMap is the node's."""
GPU_REPLICAS_LABEL = "nvidia.com/gpu.replicas"
GPU_SHARING_LABEL = "nvidia.com/gpu.sharing-strategy"

DASHBOARD_LABEL = {"grafana_dashboard": "1"}
"""What the Grafana of kube-prometheus-stack looks for in every namespace (its values grafana.sidecar.dashboards)."""

PLACEHOLDER_ROLE = "warm-pool"
"""What the placeholder pods of a warm pool are called, before the pool's name."""


class AlertName(StrEnum):
    """The alerts on the autoscaling loop, in the order in which on-call reads them: what is not seen, not decided, not there."""

    SIGNAL_MISSING = "HeadroomSignalMissing"
    REPLICAS_UNMEASURED = "HeadroomReplicasUnmeasured"
    LOOP_UNOBSERVED = "HeadroomLoopUnobserved"
    AUTOSCALER_INACTIVE = "HeadroomAutoscalerInactive"
    SCALER_ERRORS = "HeadroomScalerErrors"
    AUTOSCALER_AT_LIMIT = "HeadroomAutoscalerAtLimit"
    REPLICAS_BEHIND = "HeadroomReplicasBehind"
    WARM_UP_SLOW = "HeadroomWarmUpSlow"
    WARM_POOL_SHORT = "HeadroomWarmPoolShort"


def series(signal: str, unit: str, level: Level) -> str:
    """The recorded series of a signal: `series("queue-time", "seconds", "pod")` is `headroom:queue_time_seconds:pod`."""
    stem = signal.replace("-", "_")
    return f"{SERIES_PREFIX}{stem}:{level}" if unit in stem.split("_") else f"{SERIES_PREFIX}{stem}_{unit}:{level}"


DEMAND = f"{SERIES_PREFIX}demand:server"
"""Whether anybody asks for a server at this moment, by a query that has a value without replicas too: 0 or 1."""

ASKED = f"{SERIES_PREFIX}asked:server"
"""Whether anybody asked for a server lately: 1; 0 once nobody did for half as long as it waits; nothing while that cannot be told."""


def server_labels(engine: str, server: str) -> dict[str, str]:
    """Labels of every object of a server."""
    return {**server_selector(engine, server), APP_MANAGED_BY: MANAGER}


def server_selector(engine: str, server: str) -> dict[str, str]:
    """Labels that select a server's pods. They never carry a version: a Deployment's selector cannot change."""
    return {APP_NAME: engine, APP_INSTANCE: server}


LEADER = {APP_COMPONENT: "leader"}
WORKER = {APP_COMPONENT: "worker"}
"""Of a replica that spans several nodes: the pod that serves and is scraped, and those that only compute."""


def traefik_selector(release: str, namespace: str) -> dict[str, str]:
    """Labels by which Traefik's chart selects its pods (traefik/traefik-helm-chart templates/_helpers.tpl, traefik.labelselector)."""
    return {APP_NAME: "traefik", APP_INSTANCE: f"{release}-{namespace}"[:63].removesuffix("-")}


ROUTE_LABEL = "headroom.dev/route"
"""On pods of several servers behind one route: the server whose route it is."""


def serving_selector(engine: str, server: str, *, nodes: int = 1) -> dict[str, str]:
    """Labels that select the pods that answer requests: all of them, or one of each group where a replica spans several nodes."""
    return {**server_selector(engine, server), **(LEADER if nodes > 1 else {})}


def mig_resource(profile: str) -> str:
    """What a part of a GPU is asked for by under the MIG strategy `mixed`: `nvidia.com/mig-1g.10gb`."""
    return f"nvidia.com/mig-{profile}"


def mig_config(profile: str) -> str:
    """The configuration of the MIG manager that cuts every GPU of a node into parts of one profile: `all-1g.10gb`."""
    return f"all-{profile}"


KEDA_HPA_PREFIX = "keda-hpa-"


def keda_hpa(server: str) -> str:
    """The HPA that KEDA makes for a server. Not the server's name: that is the HPA of backend hpa, and both exist during a move."""
    return f"{KEDA_HPA_PREFIX}{server}"


def autoscaler_pattern(server: str) -> str:
    """Matches the name of the HPA of a server: its own under backend hpa, the one that KEDA makes under backend keda."""
    return f"({KEDA_HPA_PREFIX})?{server}"


def replica_pattern(server: str) -> str:
    """Matches the pod names of a server's replicas: those of a Deployment, or the leaders of a LeaderWorkerSet."""
    return f"{server}-([a-z0-9]+-[a-z0-9]{{5}}|[0-9]+)"


def placeholder(pool: str) -> str:
    """The Deployment of a pool's placeholders."""
    return f"{PLACEHOLDER_ROLE}-{pool}"


def placeholder_priority(namespace: str) -> str:
    """The PriorityClass of the placeholders of the stack in `namespace`: a cluster's classes know no namespaces."""
    return f"{namespace}-{PLACEHOLDER_ROLE}"


def servers_priority(namespace: str) -> str:
    """The PriorityClass of a namespace's servers."""
    return f"{namespace}-servers"


def node_name(stack: str, pool: str, index: int) -> str:
    """A node that the program makes itself. A stack's name may hold what a node's may not."""
    return f"{re.sub('[^a-z0-9]+', '-', stack.lower())}-{pool}-{index}"


def node_pool_name(stack: str, pool: str) -> str:
    """What makes the nodes of a pool for Karpenter: its NodePool, and the class of its nodes. Both are the whole cluster's."""
    return node_name(stack, pool, 0).removesuffix("-0")


def content_name(base: str, content: Mapping[str, str]) -> str:
    """`base` and a hash of the content, so that a changed ConfigMap is a new object that rolls the pods which mount it."""
    digest = hashlib.sha256(json.dumps(dict(content), sort_keys=True).encode()).hexdigest()
    return f"{base}-{digest[:10]}"


def prepared_name(model: str, made_from: Mapping[str, str]) -> str:
    """The directory of what a preparation makes: another one whenever anything that it is made from changes."""
    return content_name("".join(sign if sign.isalnum() else "-" for sign in model.lower()).strip("-"), made_from)
