"""From Prometheus to the API that autoscalers read: it is registered and answers, and serves this server's metrics.

Paths: kubernetes-sigs/custom-metrics-apiserver pkg/apiserver/installer; labels of KEDA's metrics: kedacore/keda
apis/keda/v1alpha1/scaledobject_types.go; its conditions: apis/keda/v1alpha1/condition_types.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from headroom.catalog.signals import SIGNALS, AcrossPods
from headroom.doctor.loop.links import Broken, CannotTell, Told
from headroom.doctor.loop.looking import SCALED_OBJECT, Look, condition, moment
from headroom.plugins.kubernetes.errors import ApiError

CUSTOM, EXTERNAL, RESOURCE = "custom.metrics.k8s.io", "external.metrics.k8s.io", "metrics.k8s.io"
_USUAL = "v1beta1"
"""The version that prometheus-adapter 0.12, KEDA 2.20 and metrics-server 0.8 serve; that of a registered API goes before it."""
_WHO = {CUSTOM: "prometheus-adapter", EXTERNAL: "KEDA", RESOURCE: "metrics-server"}
_OF_SCALED_OBJECT = "scaledobject.keda.sh/name"
_PAUSES = ("autoscaling.keda.sh/paused", "autoscaling.keda.sh/paused-replicas")
_SCALED_OBJECTS = "scaledobjects.keda.sh"
_TRIGGERS_FAIL = ("TriggerError", "PartialTriggerError")
"""Reasons of the condition Ready (kedacore/keda pkg/scaling/executor/scale_scaledobjects.go)."""


@dataclass(frozen=True)
class Offered:
    """One metric that the autoscaler reads: what it is called for people, and where the API server has it."""

    title: str
    group: str
    path: str


def api(look: Look) -> Told:
    """Every metrics API that the server's autoscaler reads answers."""
    told = []
    for group in _groups(look):
        served = look.found.serving(group)
        owner = f"Service {served[0].service}" if served else _WHO[group]
        try:
            answer = look.answer(_root(look, group), f"look up {group}")
        except ApiError as error:
            why = next((known.why for known in served if not known.available), "") or error.message
            raise Broken(f"{group} is not available: {why}", f"see the pods of {owner} and its APIService") from None
        if answer is None:
            raise Broken(f"nobody serves {group}", f"platform of the stack says who is to: {_WHO[group]}")
        told.append(f"{group} is served by {owner}")
    return Told("; ".join(told))


def scaled_object(look: Look) -> Told:
    """KEDA has taken the ScaledObject and made its HPA of it."""
    server = look.server
    found = look.object(SCALED_OBJECT)
    if found is None:
        raise Broken(f"there is no ScaledObject {server.place}", server.again)
    paused = [name for name in _PAUSES if (found["metadata"].get("annotations") or {}).get(name, "false") != "false"]
    if paused:
        raise Broken(
            f"ScaledObject {server.place} is paused by its annotation {paused[0]}",
            f"`kubectl --namespace {server.namespace} annotate {_SCALED_OBJECTS} {server.name} {paused[0]}-`",
        )
    ready = condition(found, "Ready")
    if not ready:
        raise CannotTell(f"KEDA has not looked at ScaledObject {server.place} yet", "see the pods of keda-operator if it stays so")
    # That a trigger cannot be read is what the next link measures, with the trigger's own reason.
    if ready.get("status") != "True" and ready.get("reason") not in _TRIGGERS_FAIL:
        raise Broken(f"KEDA does not scale ScaledObject {server.place}: {ready.get('message')}", "the log of keda-operator says more")
    return Told(f"ScaledObject {server.place} is ready")


def metric(look: Look) -> Told:
    """Each of the server's metrics, asked for as the autoscaler does."""
    if look.server.by_keda and condition(look.object(SCALED_OBJECT), "Fallback").get("status") == "True":
        raise Broken(
            f"KEDA cannot read a trigger of ScaledObject {look.server.place}, and falls back to a fixed count",
            "the log of keda-operator says why",
        )
    told, ages = [], []
    for offered in _offered(look):
        value, age = _asked(look, offered)
        told.append(f"{offered.title} is {value}")
        ages.append(age)
    known = [age for age in ages if age is not None]
    return Told("; ".join(told), max(known) if known else None)


def _groups(look: Look) -> list[str]:
    server = look.server
    recorded = [EXTERNAL if server.by_keda else CUSTOM] if server.signals else []
    resources = [RESOURCE] if _resources(look) else []
    return [*recorded, *resources]


def _resources(look: Look) -> list[str]:
    return [resource for name in look.server.settings.signals if (resource := SIGNALS[name].resource)]


def _root(look: Look, group: str) -> str:
    registered = [api.name.partition(".")[0] for api in look.found.serving(group)]
    return f"/apis/{group}/{_USUAL if _USUAL in registered or not registered else registered[0]}"


def _offered(look: Look) -> Iterator[Offered]:
    server = look.server
    place = f"namespaces/{server.namespace}"
    if server.by_keda:
        made = ((look.object(SCALED_OBJECT) or {}).get("status") or {}).get("externalMetricNames") or []
        triggers = [trigger["name"] for trigger in server.desired.objects["autoscaler"]["spec"]["triggers"]]
        for name in made:
            number = name.removeprefix("s").partition("-")[0]
            title = triggers[int(number)] if number.isdigit() and int(number) < len(triggers) else name
            yield Offered(
                title, EXTERNAL, f"{_root(look, EXTERNAL)}/{place}/{name}?labelSelector={quote(f'{_OF_SCALED_OBJECT}={server.name}')}"
            )
    else:
        for bound in server.signals:
            if bound.signal.across_pods is AcrossPods.SUM:
                selector = quote(",".join(f"{key}={value}" for key, value in _pods_of(look).items()))
                where = f"pods/*/{bound.pod.record}?labelSelector={selector}"
            else:
                where = f"services/{server.name}/{bound.server.record}"
            yield Offered(bound.signal.name, CUSTOM, f"{_root(look, CUSTOM)}/{place}/{where}")
    for resource in _resources(look):
        selector = quote(",".join(f"{key}={value}" for key, value in _pods_of(look).items()))
        yield Offered(resource, RESOURCE, f"{_root(look, RESOURCE)}/{place}/pods?labelSelector={selector}")


def _pods_of(look: Look) -> Any:
    """The labels by which the autoscaler finds a server's pods."""
    return look.server.serving


def _asked(look: Look, offered: Offered) -> tuple[str, float | None]:
    """What a metric is, for people, and how old in seconds."""
    owner = _WHO[offered.group]
    log = f"the log of {owner} says why; its rules or the trigger's query must find the recorded series"
    try:
        answer = look.answer(offered.path, f"get metrics of {offered.group}")
    except ApiError as error:
        raise Broken(f"{owner} gives no {offered.title}: {error.message}", log) from None
    items = (answer or {}).get("items") or []
    if not items:
        raise Broken(f"{owner} does not offer {offered.title} of {look.server.name}", log)
    moments = [moment(item["timestamp"]) for item in items if item.get("timestamp")]
    age = max(0.0, look.prometheus.now() - min(moments)) if moments else None
    if offered.group == RESOURCE:
        return f"known of {len(items)} pods", age
    return ", ".join(str(item["value"]) for item in items[:3]), age
