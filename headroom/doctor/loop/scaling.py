"""The autoscaler: it reads its metrics, and holds them at the stack's targets within the stack's bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from headroom.desired.objects import Object
from headroom.doctor.loop.links import Asleep, Broken, CannotTell, Told
from headroom.doctor.loop.looking import Look, condition
from headroom.wiring.values import quantity

_TARGETS = ("averageUtilization", "value", "averageValue")
_LIMITS = {"TooManyReplicas": "held back by replicas.max", "TooFewReplicas": "held up by replicas.min"}


def autoscaler(look: Look) -> Told:
    """The HorizontalPodAutoscaler sees every metric: its own conditions say so. It writes down no time of its looks."""
    server = look.server
    hpa = look.hpa
    if hpa is None:
        fix = "the log of keda-operator says why" if server.by_keda else server.again
        raise Broken(f"there is no HorizontalPodAutoscaler {server.namespace}/{server.hpa}", fix)
    able, active = condition(hpa, "AbleToScale"), condition(hpa, "ScalingActive")
    if look.asleep:
        raise Asleep(f"HorizontalPodAutoscaler {server.hpa} rests at 0 replicas")
    if not able:
        raise CannotTell(f"the controller has not looked at HorizontalPodAutoscaler {server.hpa} yet", "look again in 15 s")
    for found in (able, active):
        if found.get("status") == "False":
            raise Broken(f"{found.get('reason')}: {found.get('message')}", _fix(look, found.get("reason", "")), None)
    if not active:
        raise CannotTell(f"the controller has read no metric for HorizontalPodAutoscaler {server.hpa} yet", "look again in 15 s")
    read = {name: value for name, value in _current(hpa) if value is not None}
    wanted = [_key(metric) for metric in hpa["spec"].get("metrics") or ()]
    blind = [name for name in wanted if name not in read]
    if blind:
        raise Broken(
            f"HorizontalPodAutoscaler {server.hpa} reads nothing of {', '.join(blind)}: it takes no replica away then",
            f"`kubectl --namespace {server.namespace} describe hpa {server.hpa}` says why",
            None,
        )
    limited = condition(hpa, "ScalingLimited")
    limit = _LIMITS.get(limited.get("reason", ""), "") if limited.get("status") == "True" else ""
    values = "; ".join(f"{name} is {_shown(value)}" for name, value in read.items())
    return Told(f"{values}{f'; {limit}' if limit else ''}", None)


def bounds(look: Look) -> Told:
    """What was applied is what the stack says, and nobody else scales the same."""
    server, hpa = look.server, look.hpa
    assert hpa is not None
    spec = hpa["spec"]
    others = [
        found["metadata"]["name"]
        for found in look.autoscalers
        if found is not hpa and _same(found["spec"].get("scaleTargetRef"), spec["scaleTargetRef"])
    ]
    if others:
        raise Broken(
            f"{server.workload_kind.kind} {server.name} has a second autoscaler, {others[0]}: each undoes what the other does",
            f"`kubectl --namespace {server.namespace} delete hpa {others[0]}`, or the ScaledObject that makes it",
        )
    target = {"apiVersion": server.workload["apiVersion"], "kind": server.workload["kind"], "name": server.workload["metadata"]["name"]}
    if not _same(spec["scaleTargetRef"], target):
        told = spec["scaleTargetRef"]
        raise Broken(f"HorizontalPodAutoscaler {server.hpa} scales {told.get('kind')} {told.get('name')}", server.again)
    replicas = server.settings.replicas
    # Below 1 it is KEDA that scales.
    for name, wanted, present in (
        ("minReplicas", max(1, replicas.min), spec.get("minReplicas", 1)),
        ("maxReplicas", replicas.max, spec["maxReplicas"]),
    ):
        if wanted != present:
            raise Broken(f"{name} of HorizontalPodAutoscaler {server.hpa} is {present}, and the stack says {wanted}", server.again)
    held = _held(look)
    unread = [key for key in held if key not in map(_key, spec.get("metrics") or ())]
    if unread:
        raise Broken(f"HorizontalPodAutoscaler {server.hpa} is not told of {', '.join(unread)}", server.again)
    for metric in spec.get("metrics") or ():
        key, present = _key(metric), _target(metric)
        wanted = held.get(key)
        if wanted is not None and present != wanted:
            raise Broken(f"{key} is held at {_shown(present)}, and the stack says {_shown(wanted)}", server.again)
    targets = ", ".join(f"{name} at {text}" for name, text in server.settings.signals.items())
    return Told(f"{replicas.min} to {replicas.max} replicas, {targets}: as the stack says")


def _held(look: Look) -> dict[str, Decimal]:
    """The stack's targets by the name that the HPA has for each metric."""
    server = look.server
    if server.by_keda:
        triggers = server.desired.objects["autoscaler"]["spec"]["triggers"]
        # A trigger of a resource becomes a Resource metric of the resource's name.
        return {
            f"s{number}-prometheus": Decimal(trigger["metadata"]["threshold"])
            for number, trigger in enumerate(triggers)
            if trigger["type"] == "prometheus"
        } | {trigger["type"]: Decimal(trigger["metadata"]["value"]) for trigger in triggers if trigger["type"] != "prometheus"}
    metrics = server.desired.objects["autoscaler"]["spec"]["metrics"]
    return {_key(metric): target for metric in metrics if (target := _target(metric)) is not None}


def _key(metric: Mapping[str, Any]) -> str:
    source = _source(metric)
    return source.get("name") or (source.get("metric") or {}).get("name", "")


def _source(metric: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = str(metric.get("type", ""))
    return metric.get(kind[:1].lower() + kind[1:]) or {}


def _target(metric: Mapping[str, Any]) -> Decimal | None:
    return _number(_source(metric).get("target") or {})


def _current(hpa: Object) -> Iterator[tuple[str, Decimal | None]]:
    for metric in (hpa.get("status") or {}).get("currentMetrics") or ():
        if key := _key(metric):
            yield key, _number(_source(metric).get("current") or {})


def _number(values: Mapping[str, Any]) -> Decimal | None:
    text = next((values[name] for name in _TARGETS if values.get(name) is not None), None)
    return None if text is None else quantity(str(text))


def _shown(value: Decimal | None) -> str:
    return "nothing" if value is None else f"{value.normalize():f}"


def _same(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> bool:
    return one is not None and (one.get("kind"), one.get("name")) == (other.get("kind"), other.get("name"))


def _fix(look: Look, reason: str) -> str:
    server = look.server
    if reason == "AmbiguousSelector":
        return f"`kubectl --namespace {server.namespace} get hpa` shows the other one that counts the same pods"
    return f"`kubectl --namespace {server.namespace} describe hpa {server.hpa}` says more; a controller looks every 15 s by default"
