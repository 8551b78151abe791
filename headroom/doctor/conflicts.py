"""Where a stack and its cluster cannot both be right: what is refused before anything is applied.

Only what the stack would install or needs is looked at, only what was read, and what an earlier update of the stack made is its own.

Sources: of the last device plugin, kubernetes/kubernetes pkg/kubelet/cm/devicemanager/manager.go (PluginConnected); of the newest default
class, its plugin/pkg/admission/network/defaultingressclass; of what Helm takes over, helm/helm pkg/action/validate.go; of two load balancer
controllers, kubernetes-sigs/aws-load-balancer-controller docs/deploy/configurations.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from headroom.desired import Desired
from headroom.doctor import kinds
from headroom.doctor.found import Controller, DevicePlugin, Found
from headroom.doctor.stack_view import View
from headroom.settings import Problem, Stack
from headroom.settings.platform import Mode

OWNERS = {
    "metrics.k8s.io": "metricsServer",
    "custom.metrics.k8s.io": "prometheusAdapter",
    "external.metrics.k8s.io": "keda",
}
"""The add-on that serves each metrics API."""
DEFINED_BY = {
    "monitoring.coreos.com": "monitoring",
    "keda.sh": "keda",
    "traefik.io": "traefik",
    "leaderworkerset.x-k8s.io": "lws",
    "karpenter.sh": "karpenter",
    "karpenter.k8s.aws": "karpenter",
    "karpenter.kwok.sh": "karpenter",
}
"""The add-on that brings the kinds of an API group."""
_DEFINES_IN_TEMPLATES = {"keda": "keda.sh"}
"""Add-ons whose chart has its definitions among its templates, and does not take over those that are there."""
_ALONE = {
    "monitoring": "two Prometheus Operators would undo each other's work",
    "keda": "two KEDAs would write the same HPAs",
    "lws": "two controllers would write the same groups",
    "clusterAutoscaler": "two would scale the same node groups",
    "awsLoadBalancerController": "two would undo each other's rules of the nodes' security group",
}
"""Add-ons that reconcile every namespace: of these one is enough, and two are too many."""


def conflicts(found: Found, stack: Stack, desired: Desired) -> list[Problem]:
    """Every reason not to apply `stack` to the cluster, with its place in the stack file and the remedy."""
    view = View(stack, desired)
    return [
        *_metrics_apis(found, view),
        *_controllers(found, view),
        *_kept_definitions(found, view),
        *_device_plugins(found, view),
        *_default_class(found, view),
        *_prometheus(found, view),
        *_missing_kinds(found, view),
        *_missing_apis(found, view),
    ]


def _path(add_on: str, *more: str) -> tuple[str, ...]:
    return ("platform", add_on, *more)


def _remedy(add_on: str, of: str) -> str:
    return f"write platform.{add_on}: existing to use it, or remove {of} first"


def _metrics_apis(found: Found, view: View) -> Iterator[Problem]:
    for group, add_on in OWNERS.items():
        foreign = [api for api in found.serving(group) if not view.made(api.release)]
        if view.mode(add_on) is Mode.HELM and foreign:
            api = foreign[0]
            owner = f"Service {api.service}" + (f" of {api.release}" if api.release else "")
            yield Problem(
                _path(add_on),
                f"would be a second owner of {group}, which is served by {owner} (APIService {api.name}): an API has one, and autoscalers "
                f"would read whichever was registered last; {_remedy(add_on, 'it')}",
            )


def _controllers(found: Found, view: View) -> Iterator[Problem]:
    for add_on, harm in _ALONE.items():
        foreign = [runs for runs in found.of(add_on) if runs.everywhere and not view.made(runs.release)]
        if view.mode(add_on) is Mode.HELM and foreign:
            yield Problem(_path(add_on), f"runs in this cluster already ({_named(foreign[0])}): {harm}; {_remedy(add_on, 'it')}")


def _named(runs: Controller) -> str:
    return f"Deployment {runs.namespace}/{runs.name}" + (f" of {runs.release}" if runs.release else "")


def _kept_definitions(found: Found, view: View) -> Iterator[Problem]:
    """What is left of an earlier installation, whose definitions are kept so that nobody's objects are lost."""
    for add_on, group in _DEFINES_IN_TEMPLATES.items():
        left = sorted(name for name, by in found.definitions.items() if name.partition(".")[2] == group and not view.made(by))
        runs = found.of(add_on) or any(OWNERS[api.group] == add_on for api in found.apis)
        if view.mode(add_on) is Mode.HELM and left and not runs:
            release, definitions = view.release(add_on), " ".join(left)
            yield Problem(
                _path(add_on),
                f"would break off half-way: {', '.join(left)} are there, and Helm takes over nothing of others; hand them over with "
                f"`kubectl label crd {definitions} --overwrite app.kubernetes.io/managed-by=Helm` and `kubectl annotate crd {definitions} "
                f"--overwrite meta.helm.sh/release-name={release.name} meta.helm.sh/release-namespace={release.namespace}`",
            )


def _device_plugins(found: Found, view: View) -> Iterator[Problem]:
    add_on = "gpuOperator"
    if view.mode(add_on) is not Mode.HELM:
        return
    policies = [name for name, release in found.cluster_policies.items() if not view.made(release)]
    if policies:
        yield Problem(
            _path(add_on),
            f"runs in this cluster already (ClusterPolicy {policies[0]}): a cluster has one; {_remedy(add_on, 'it')}",
        )
        return
    if not (view.release(add_on).values.get("devicePlugin") or {}).get("enabled", True):
        return
    for who, remedy in _other_plugins(found, view):
        yield Problem(
            _path(add_on),
            f"would bring a second device plugin to nodes that have one ({who}): the kubelet knows only the one that registered last, and "
            f"a restart of either changes which; write platform.gpuOperator: existing, or {remedy}",
        )
        return


def _other_plugins(found: Found, view: View) -> Iterator[tuple[str, str]]:
    """Who offers GPUs already, and how to have the operator do it instead."""
    for plugin in found.device_plugins:
        if plugin.policy and not found.knows(kinds.CLUSTER_POLICIES):
            continue
        if not view.made(plugin.release) and _is_in_the_way(plugin):
            who = f"DaemonSet {plugin.namespace}/{plugin.name}"
            keep_off = "label the GPU nodes gke-no-default-nvidia-gpu-device-plugin=true, which keeps GKE's off"
            yield who, keep_off if plugin.keeps_off_labelled else f"remove {who} first"
    for node in found.gpu_nodes:
        if node.plugin_built_in:
            yield f"the image of node {node.name}", "say what the nodes are in platform.gpuOperator.nodes"


def _is_in_the_way(plugin: DevicePlugin) -> bool:
    """GKE's is in every cluster of GKE, and in the way only where it really runs; another one takes every GPU node that comes."""
    return plugin.nodes > 0 or not plugin.keeps_off_labelled


def _default_class(found: Found, view: View) -> Iterator[Problem]:
    if view.mode("traefik") is not Mode.HELM:
        return
    asked = view.release("traefik").values.get("ingressClass") or {}
    if not (asked.get("enabled", True) and asked.get("isDefaultClass", True)):
        return
    foreign = [known for known in found.ingress_classes if known.default and not view.made(known.release)]
    if foreign:
        yield Problem(
            _path("traefik"),
            f"would be a second default ingress class beside {foreign[0].name} ({foreign[0].controller}): of two the API server "
            "takes the newest, so that other people's Ingresses that name none would move here; "
            "write platform.traefik.defaultIngressClass: false, or take the annotation "
            f"ingressclass.kubernetes.io/is-default-class from {foreign[0].name}",
        )


def _prometheus(found: Found, view: View) -> Iterator[Problem]:
    """Every address at which somebody of this stack will look for Prometheus leads somewhere."""
    asked: dict[tuple[str, ...], str] = {}
    if view.mode("prometheusAdapter") is Mode.HELM:
        told = view.release("prometheusAdapter").values.get("prometheus") or {}
        asked[_path("prometheusAdapter")] = f"{told.get('url', '')}:{told['port']}" if told.get("port") else told.get("url", "")
    elif {"Pods", "Object"} & view.metric_types:
        for adapter in found.of("prometheusAdapter"):
            asked[_path("prometheusAdapter")] = adapter.prometheus
    for url in view.asked_by_keda:
        asked[_path("monitoring")] = url
    for path, url in asked.items():
        missing = _missing(url, found, view)
        if missing:
            yield Problem(
                path,
                f"{'its servers look' if path == _path('monitoring') else 'looks'} for Prometheus at {url}, and {missing}: "
                f"the autoscaler would be blind; {_where_instead(found, view)}",
            )


def _missing(url: str, found: Found, view: View) -> str:
    """What is not there of the Service that `url` leads to; empty where it is, comes with this update, or cannot be told."""
    place, monitoring = service_of(url), view.stack.platform.monitoring
    if place is None or not found.knows(kinds.SERVICES):
        return ""
    namespace, name = place
    known = found.service(namespace, name)
    if known is None:
        comes = monitoring.mode is Mode.HELM and namespace == monitoring.namespace
        return "" if comes else f"there is no Service {name} in namespace {namespace}"
    port = urlsplit(url).port or (443 if url.startswith("https:") else 80)
    # A Service that stands for a name outside the cluster has no ports.
    if known.ports and port not in known.ports:
        return f"Service {name} in namespace {namespace} has no port {port}, but {', '.join(map(str, known.ports))}"
    return ""


def service_of(url: str) -> tuple[str, str] | None:
    """Namespace and name of the Service that a URL leads to; None for one that is not of the cluster, which cannot be told from here."""
    host = (urlsplit(url).hostname or "").removesuffix(".").removesuffix(".cluster.local")
    name, _, rest = host.partition(".")
    namespace, _, kind = rest.partition(".")
    return (namespace, name) if kind == "svc" else None


def _where_instead(found: Found, view: View) -> str:
    known = [f"{service.name} in namespace {service.namespace}" for service in found.prometheus_services]
    if known and view.mode("monitoring") is Mode.EXISTING:
        return f"this cluster has {', '.join(known)}: say so in platform.monitoring.namespace or platform.monitoring.url"
    return "write platform.monitoring: helm to install one"


def _missing_kinds(found: Found, view: View) -> Iterator[Problem]:
    """What the servers are made of that this cluster does not know, and that nothing of this update brings."""
    if not found.knows(kinds.DEFINITIONS):
        return
    known = {name.partition(".")[2] for name in found.definitions}
    for group, add_on in DEFINED_BY.items():
        asked = view.kinds.get(group)
        if asked and group not in known and view.mode(add_on) is not Mode.HELM:
            yield Problem(
                _path(add_on),
                f"says {view.mode(add_on)}, but this cluster does not know {', '.join(sorted(asked))} ({group}); "
                f"write platform.{add_on}: helm, or install it first",
            )
    for group in view.kinds:
        if "." in group and not group.endswith(".k8s.io") and group not in DEFINED_BY and group not in known:
            yield Problem(
                ("servers",),
                f"need {', '.join(sorted(view.kinds[group]))} ({group}), which this cluster does not know: install what brings it first",
            )


def _missing_apis(found: Found, view: View) -> Iterator[Problem]:
    if not found.knows(kinds.API_SERVICES):
        return
    resources = "Resource" in view.metric_types or bool({"cpu", "memory"} & view.trigger_types)
    needed = {
        "metrics.k8s.io": resources,
        "custom.metrics.k8s.io": bool({"Pods", "Object"} & view.metric_types),
        "external.metrics.k8s.io": bool(view.trigger_types - {"cpu", "memory"}),
    }
    for group, add_on in OWNERS.items():
        if needed[group] and view.mode(add_on) is Mode.EXISTING and not found.serving(group):
            yield Problem(
                _path(add_on),
                f"says existing, but nothing serves {group} in this cluster: autoscalers would read nothing; "
                f"write platform.{add_on}: helm, or install it first",
            )
