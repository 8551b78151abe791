"""What the objects of a cluster say: a pure function of what was read.

Sources: Helm's marks on what it makes, helm/helm pkg/action/validate.go; images and flags, the projects' own charts; labels of nodes,
awsdocs/amazon-eks-user-guide automode/auto-accelerated, KGCP docs/gpu-nodes.md, MicrosoftDocs/azure-aks-docs use-labels.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headroom.catalog.images import repository_and_tag
from headroom.desired.objects import Object
from headroom.doctor import kinds
from headroom.doctor.found import Controller, Found, HelmRelease, IngressClass, MetricsApi, Prometheus, Service
from headroom.doctor.gpus import device_plugin, feature_discovery, gpu_nodes
from headroom.doctor.kinds import Kind
from headroom.doctor.nodes import kind_of_cluster
from headroom.doctor.objects import labels, metadata, release_of
from headroom.doctor.reading import Reading

METRICS_GROUPS = ("metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io")
PROMETHEUS_PORT = 9090

_IMAGES = {
    "prometheus-operator": "monitoring",
    "prometheus-adapter": "prometheusAdapter",
    "keda": "keda",
    "metrics-server": "metricsServer",
    "gpu-operator": "gpuOperator",
    "lws": "lws",
    "traefik": "traefik",
    "cluster-autoscaler": "clusterAutoscaler",
    "aws-load-balancer-controller": "awsLoadBalancerController",
    "cert-manager-controller": "cert-manager",
    "node-feature-discovery": "node-feature-discovery",
}
"""What runs in a container, by the last part of its image's name."""
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


def detect(reading: Reading) -> Found:
    """What there is in what was read."""

    def of(kind: Kind) -> Sequence[Object]:
        return reading.objects.get(kind, ())

    nodes = of(kinds.NODES)
    distribution, because = kind_of_cluster(nodes)
    policies = {metadata(policy)["name"]: release_of(policy) for policy in of(kinds.CLUSTER_POLICIES)}
    return Found(
        distribution=distribution,
        because=because,
        apis=tuple(_api(found) for found in of(kinds.API_SERVICES) if _spec(found).get("group") in METRICS_GROUPS),
        definitions={metadata(found)["name"]: release_of(found) for found in of(kinds.DEFINITIONS)},
        controllers=tuple(controller for found in of(kinds.DEPLOYMENTS) for controller in _controllers(found)),
        prometheuses=tuple(_prometheus(found) for found in of(kinds.PROMETHEUSES)),
        services=tuple(_service(found, reading.answers) for found in of(kinds.SERVICES)),
        ingress_classes=tuple(_ingress_class(found) for found in of(kinds.INGRESS_CLASSES)),
        device_plugins=tuple(plugin for found in of(kinds.DAEMON_SETS) if (plugin := device_plugin(found, policies))),
        cluster_policies=policies,
        gpu_nodes=gpu_nodes(nodes),
        feature_discovery=feature_discovery(nodes),
        releases=tuple(dict.fromkeys(_helm_release(found) for found in of(kinds.RELEASES))),
        unread=reading.unread,
    )


def _spec(found: Object) -> Mapping[str, Any]:
    return found.get("spec") or {}


def _api(found: Object) -> MetricsApi:
    spec = _spec(found)
    service = spec.get("service") or {}
    conditions = (found.get("status") or {}).get("conditions") or []
    available = next((condition for condition in conditions if condition["type"] == "Available"), {})
    healthy = available.get("status") == "True"
    return MetricsApi(
        name=metadata(found)["name"],
        group=spec["group"],
        service=f"{service.get('namespace', '')}/{service.get('name', '')}",
        available=healthy,
        why="" if healthy else available.get("message", ""),
        release=release_of(found),
    )


def _controllers(found: Object) -> Iterator[Controller]:
    for container in _spec(found).get("template", {}).get("spec", {}).get("containers") or []:
        repository, version = repository_and_tag(container.get("image", ""))
        add_on = _IMAGES.get(repository.rpartition("/")[2])
        arguments = [*(container.get("command") or []), *(container.get("args") or [])]
        # KEDA's metrics server and webhooks have images of their own; Node Feature Discovery's workers share one.
        if add_on is None:
            continue
        meta = metadata(found)
        yield Controller(
            add_on=add_on,
            namespace=meta["namespace"],
            name=meta["name"],
            version=version,
            release=release_of(found),
            prometheus=next((value for flag, value in map(_flag, arguments) if flag == "--prometheus-url"), ""),
            everywhere=not any(flag == "--namespaces" and value for flag, value in map(_flag, arguments)),
        )
        return


def _flag(argument: str) -> tuple[str, str]:
    flag, _, value = argument.partition("=")
    return flag, value


def _prometheus(found: Object) -> Prometheus:
    spec, meta = _spec(found), metadata(found)
    selectors = [spec.get("podMonitorSelector"), spec.get("ruleSelector")]
    spaces = [spec.get("podMonitorNamespaceSelector"), spec.get("ruleNamespaceSelector")]
    return Prometheus(
        namespace=meta["namespace"],
        name=meta["name"],
        monitors=_demanded(selectors[0]),
        rules=_demanded(selectors[1]),
        all_namespaces=all(space == {} for space in spaces),
        told=not any((selector or {}).get("matchExpressions") for selector in selectors),
        release=release_of(found),
    )


def _demanded(selector: Mapping[str, Any] | None) -> Mapping[str, str] | None:
    return None if selector is None else dict(selector.get("matchLabels") or {})


def _service(found: Object, answers: Mapping[tuple[str, str, int], bool]) -> Service:
    meta, ports = metadata(found), tuple(port["port"] for port in _spec(found).get("ports") or [])
    name = meta["name"]
    said = "prometheus" in name or labels(found).get("app.kubernetes.io/name") == "prometheus"
    answered = answers.get((meta["namespace"], name, PROMETHEUS_PORT))
    return Service(meta["namespace"], name, ports, like_prometheus=said and PROMETHEUS_PORT in ports, answers=answered)


def _ingress_class(found: Object) -> IngressClass:
    annotations = metadata(found).get("annotations") or {}
    return IngressClass(
        metadata(found)["name"], _spec(found).get("controller", ""), annotations.get(_DEFAULT_CLASS) == "true", release_of(found)
    )


def _helm_release(found: Object) -> HelmRelease:
    return HelmRelease(metadata(found)["namespace"], labels(found).get("name", metadata(found)["name"]))
