"""What a scenario is about: a server of the stack that asks for it, or the server of a published recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headroom import yaml_text
from headroom.catalog.names import keda_hpa
from headroom.catalog.signals import SIGNALS, AcrossPods
from headroom.desired import render
from headroom.desired.binding import BoundSignal
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.scenarios.definition import Published
from headroom.sandbox.scenarios.recording import Subject
from headroom.settings import Stack
from headroom.settings.autoscaling import Backend

_KEDA_DEFAULT_MAX = 100
"""https://keda.sh/docs/latest/reference/scaledobject-spec/#maxreplicacount"""


def subject(stack: Stack, server: str) -> Subject:
    """The server with the signal that it is held at. Raises `SandboxError` for an unknown server."""
    desired = next((item for item in render(stack).servers if item.name == server), None)
    if desired is None:
        raise SandboxError(f"stack {stack.name} has no server {server!r}; its servers: {', '.join(stack.servers) or 'none'}")
    autoscaling = stack.servers[server].autoscaling
    title, unit, record, goal = _held_at(desired.signals, tuple(autoscaling.signals))
    workload = desired.objects["workload"]
    return Subject(
        stack=stack.name,
        server=server,
        namespace=desired.namespace,
        min=autoscaling.replicas.min,
        max=autoscaling.replicas.max,
        autoscaler=keda_hpa(server) if autoscaling.backend is Backend.KEDA else server,
        workload=(workload["apiVersion"], workload["kind"], server),
        selector=_labels(_template(workload)["metadata"]["labels"]),
        title=title,
        unit=unit,
        record=record,
        goal=goal,
        metric=_metric(desired.objects["autoscaler"], desired.signals[0]) if desired.signals else next(iter(autoscaling.signals)),
    )


def _held_at(bound: Sequence[BoundSignal], names: Sequence[str]) -> tuple[str, str, str | None, str | None]:
    """Title, unit and series of the first signal that is recorded. CPU and memory are not: then it is what the autoscaler reads of them."""
    if not bound:
        return SIGNALS[names[0]].title, "% of the request", None, None
    return bound[0].signal.title, str(bound[0].signal.unit), bound[0].server.record, bound[0].goal.record


def _metric(autoscaler: Mapping[str, Any], bound: BoundSignal) -> str:
    """What the HorizontalPodAutoscaler calls a signal. KEDA numbers its triggers, and lists them in an order of its own."""
    if autoscaler["kind"] == "ScaledObject":
        names = [trigger["name"] for trigger in autoscaler["spec"]["triggers"]]
        return f"s{names.index(bound.signal.name)}-prometheus"
    return bound.pod.record if bound.signal.across_pods is AcrossPods.SUM else bound.server.record


def published_subject(name: str, recipe: Published) -> Subject:
    """The one autoscaled workload of a published recipe. It has no recorded series of ours: its signal is what its autoscaler reads."""
    objects = [item for item in yaml_text.load_all(recipe.path.read_text()) if item]
    scaler = next(item for item in objects if item["kind"] in _SCALERS)
    low, high, prefix = _SCALERS[scaler["kind"]](scaler["spec"])
    target = scaler["spec"]["scaleTargetRef"]
    kind = target.get("kind", "Deployment")
    workload = next(item for item in objects if item["kind"] == kind and item["metadata"]["name"] == target["name"])
    return Subject(
        stack=f"{name}, as published",
        server=target["name"],
        namespace=scaler["metadata"]["namespace"],
        min=low,
        max=high,
        autoscaler=prefix + scaler["metadata"]["name"],
        workload=(workload["apiVersion"], kind, target["name"]),
        selector=_labels(_template(workload)["metadata"]["labels"]),
        title="Metric of the recipe",
        unit="",
        record=None,
        goal=None,
    )


def _hpa(spec: Mapping[str, Any]) -> tuple[int, int, str]:
    return spec.get("minReplicas", 1), spec["maxReplicas"], ""


def _scaled_object(spec: Mapping[str, Any]) -> tuple[int, int, str]:
    return spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", _KEDA_DEFAULT_MAX), "keda-hpa-"


_SCALERS = {"HorizontalPodAutoscaler": _hpa, "ScaledObject": _scaled_object}


def _template(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pod that stands for a replica: of a group of pods it is the leader."""
    spec = workload["spec"]
    return spec["leaderWorkerTemplate"]["leaderTemplate"] if "leaderWorkerTemplate" in spec else spec["template"]


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
