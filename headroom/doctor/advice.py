"""What to write in a stack file for a cluster as it was found, and where a stack says something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.catalog.distributions import EKS_AUTO, KWOK, OTHER
from headroom.desired import Desired
from headroom.doctor import kinds
from headroom.doctor.conflicts import DEFINED_BY, OWNERS
from headroom.doctor.detect import PROMETHEUS_PORT
from headroom.doctor.found import Found, HelmRelease
from headroom.doctor.kinds import Kind
from headroom.doctor.stack_view import View
from headroom.settings import Problem, Stack
from headroom.settings.platform import Mode, Platform


@dataclass(frozen=True)
class Advice:
    """What to write for one add-on, and why. Without settings nothing can be told, and only why is said."""

    add_on: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""


def advise(found: Found, stack: Stack, desired: Desired) -> list[Advice]:
    """The `headroom:platform` that fits the cluster and what the stack's servers need."""
    view = View(stack, desired)
    return [
        _gpu_operator(found, view),
        _monitoring(found, view),
        *(_served(found, view, add_on, group) for group, add_on in OWNERS.items()),
        *(_defined(found, view, add_on, group) for group, add_on in DEFINED_BY.items() if add_on in ("lws", "traefik")),
    ]


def differences(found: Found, stack: Stack, desired: Desired) -> list[Problem]:
    """Where the stack says something else than `advise`, with its place and what was found. Not all of them forbid an update."""
    own, needed = stack.platform.add_ons, needs(View(stack, desired))
    told = [
        Problem(("platform", advice.add_on, *(() if key == "mode" else (key,))), f"{_spelled(value)} fits this cluster: {advice.because}")
        for advice in advise(found, stack, desired)
        for key, value in advice.settings.items()
        if _said(own[advice.add_on], key) != value
        # What no server needs may well be left alone.
        if own[advice.add_on].mode is not Mode.NONE or advice.add_on in needed
    ]
    return [*_distribution(found, stack), *told]


def _distribution(found: Found, stack: Stack) -> Iterator[Problem]:
    known = stack.cluster.runs_on.name
    if found.knows(kinds.NODES) and found.distribution not in (known, OTHER.name):
        place = ("cluster", "provider") if KWOK.name in (known, found.distribution) else ("cluster", "distribution")
        yield Problem(place, f"{found.distribution} fits this cluster: {found.because}")


def _said(settings: Any, key: str) -> Any:
    value = {field.alias: getattr(settings, name) for name, field in type(settings).model_fields.items()}[key]
    return dict(value) if isinstance(value, Mapping) else str(value) if isinstance(value, Mode) else value


def _spelled(value: Any) -> str:
    return "{" + ", ".join(f"{key}: {item}" for key, item in value.items()) + "}" if isinstance(value, Mapping) else str(value)


def _unknown(found: Found, add_on: str, *needed: Kind) -> Advice | None:
    if found.knows(*needed):
        return None
    return Advice(add_on, because="cannot be told: " + "; ".join(str(unread) for unread in found.unread if unread.kind in needed))


def _own(view: View, add_on: str, release: HelmRelease | None) -> Advice | None:
    """What an earlier update of the stack made is the stack's to keep."""
    if view.mode(add_on) is Mode.HELM and view.made(release):
        return Advice(add_on, {"mode": "helm"}, "this stack installed it")
    return None


def _gpu_operator(found: Found, view: View) -> Advice:
    add_on = "gpuOperator"
    if unknown := _unknown(found, add_on, kinds.DAEMON_SETS, kinds.NODES):
        return unknown
    for policy, release in found.cluster_policies.items():
        return _own(view, add_on, release) or Advice(add_on, {"mode": "existing"}, f"a GPU Operator runs here (ClusterPolicy {policy})")
    for plugin in found.device_plugins:
        if plugin.nodes or not plugin.keeps_off_labelled:
            where = f"DaemonSet {plugin.namespace}/{plugin.name} on {_nodes(plugin.nodes)}"
            return Advice(add_on, {"mode": "existing"}, f"a device plugin runs here ({where})")
    built_in = [node for node in found.gpu_nodes if node.plugin_built_in]
    if built_in:
        return Advice(add_on, {"mode": "existing"}, f"the image of the GPU nodes brings the device plugin ({built_in[0].name})")
    if found.distribution == KWOK.name:
        return Advice(add_on, {"mode": "existing"}, "the sandbox's nodes have their GPUs from KWOK")
    ready = [node for node in found.gpu_nodes if node.gpus]
    if ready:
        return Advice(add_on, {"mode": "existing"}, f"nodes offer GPUs already ({ready[0].name}: {ready[0].gpus})")
    if found.distribution == EKS_AUTO.name:
        return Advice(add_on, {"mode": "existing"}, "Auto Mode's nodes bring driver and device plugin")
    return Advice(add_on, {"mode": "helm"}, "nobody offers the nodes' GPUs to the kubelet")


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"


def _monitoring(found: Found, view: View) -> Advice:
    add_on = "monitoring"
    if unknown := _unknown(found, add_on, kinds.DEFINITIONS, kinds.PROMETHEUSES, kinds.SERVICES):
        return unknown
    for prometheus in found.prometheuses:
        if own := _own(view, add_on, prometheus.release):
            return own
    if found.prometheuses:
        # The one that the stack names already, where there are several.
        best = sorted(found.prometheuses, key=lambda each: each.namespace != view.stack.platform.monitoring.namespace)[0]
        settings: dict[str, Any] = {"mode": "existing", "namespace": best.namespace}
        labels = {**(best.monitors or {}), **(best.rules or {})}
        if labels:
            settings["labels"] = labels
        return Advice(add_on, settings, f"Prometheus {best.namespace}/{best.name}: {_selects(best.monitors, best.rules, best.told)}")
    elsewhere = found.prometheus_services
    if "podmonitors.monitoring.coreos.com" in found.definitions and elsewhere:
        service = elsewhere[0]
        url = f"http://{service.name}.{service.namespace}.svc:{PROMETHEUS_PORT}"
        return Advice(
            add_on,
            {"mode": "existing", "namespace": service.namespace, "url": url},
            "the cluster knows PodMonitors, and this Service looks like a Prometheus; whether it reads them cannot be seen",
        )
    if elsewhere:
        known = ", ".join(f"{service.namespace}/{service.name}" for service in elsewhere)
        return Advice(add_on, {"mode": "helm"}, f"there is a Prometheus ({known}) and no Prometheus Operator, which servers' monitors need")
    return Advice(add_on, {"mode": "helm"}, "there is no Prometheus")


def _selects(monitors: Mapping[str, str] | None, rules: Mapping[str, str] | None, told: bool) -> str:
    if monitors is None or rules is None:
        missing = " and ".join(name for name, selector in (("PodMonitors", monitors), ("rules", rules)) if selector is None)
        return f"it selects no {missing}: set its podMonitorSelector and ruleSelector"
    if not told:
        return "its selectors have expressions: see which labels fulfil them"
    return f"it selects {_spelled({**monitors, **rules})}" if monitors or rules else "it selects every monitor and rule"


def _served(found: Found, view: View, add_on: str, group: str) -> Advice:
    if unknown := _unknown(found, add_on, kinds.API_SERVICES):
        return unknown
    for api in found.serving(group):
        namespace = api.service.partition("/")[0]
        ill = "" if api.available else f", and it is not available: {api.why}"
        because = f"{group} is served by Service {api.service}{ill}"
        return _own(view, add_on, api.release) or Advice(add_on, {"mode": "existing", "namespace": namespace}, because)
    return _wanted(view, add_on, f"nobody serves {group}")


def _defined(found: Found, view: View, add_on: str, group: str) -> Advice:
    if unknown := _unknown(found, add_on, kinds.DEFINITIONS, kinds.DEPLOYMENTS):
        return unknown
    for controller in found.of(add_on):
        because = f"Deployment {controller.namespace}/{controller.name} runs {controller.version or add_on}"
        settings = {"mode": "existing", "namespace": controller.namespace}
        return _own(view, add_on, controller.release) or Advice(add_on, settings, because)
    if any(name.endswith(f".{group}") for name in found.definitions) and view.mode(add_on) is not Mode.HELM:
        return Advice(add_on, {"mode": "existing"}, f"the cluster knows the kinds of {group}, though no controller was found")
    return _wanted(view, add_on, f"nothing in the cluster brings {group}")


def _wanted(view: View, add_on: str, because: str) -> Advice:
    """What is not there is installed where the stack's servers need it."""
    needed = add_on in needs(view)
    return Advice(add_on, {"mode": "helm" if needed else "none"}, f"{because}, {'which' if needed else 'and none of'} its servers need")


def needs(view: View) -> set[str]:
    """The add-ons that the stack's servers cannot do without."""
    by_kind = {add_on for group, add_on in DEFINED_BY.items() if group in view.kinds}
    custom = {"prometheusAdapter"} if {"Pods", "Object"} & view.metric_types else set[str]()
    resources = "Resource" in view.metric_types or {"cpu", "memory"} & view.trigger_types
    return by_kind | custom | ({"metricsServer"} if resources else set[str]())


def as_platform(advices: list[Advice]) -> Mapping[str, Any]:
    """The settings alone, in their short form: as `headroom:platform` takes them."""
    short = {advice.add_on: dict(advice.settings) for advice in advices if advice.settings}
    defaults = Platform().add_ons
    return {name: _short(settings, defaults[name].namespace) for name, settings in short.items()}


def _short(settings: dict[str, Any], usual: str) -> Any:
    kept = {key: value for key, value in settings.items() if (key, value) != ("namespace", usual)}
    return kept["mode"] if kept.keys() == {"mode"} else kept
