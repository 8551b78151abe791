"""The dashboard of the autoscaling loop, in the order in which it works: demand, decision, capacity, outcome.

On-call reads it from left to right and from top to bottom, and stops at the first row that is not as it should be.
"""

from __future__ import annotations

from collections.abc import Sequence

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import PLACEHOLDER_ROLE, Level, autoscaler_pattern, replica_pattern, series
from headroom.catalog.signals import AcrossPods, Signal
from headroom.desired.dashboards.engine import outcome
from headroom.desired.dashboards.grafana import RANGE, Dashboard, Panel, Query, Row
from headroom.desired.dashboards.series import CHOSEN, IN_NAMESPACE, OF_SERVER, chosen_by

_GPU = 'resource=~"nvidia_com_(gpu|gpu_shared|mig_.+)"'
"""GPUs, shares of them and parts of them, as kube-state-metrics writes the resources' names."""

_HPA = f'{IN_NAMESPACE}, horizontalpodautoscaler=~"{autoscaler_pattern("$server")}"'
_OF_RESOURCE = f'{_HPA}, metric_target_type="utilization", metric_name='
_BY_HPA = "by (namespace, horizontalpodautoscaler)"
_REPLICAS = f'{IN_NAMESPACE}, pod=~"{replica_pattern("$server")}"'
_PLACEHOLDERS = f'pod=~"{PLACEHOLDER_ROLE}-.+"'
_OF_SCALED_OBJECT = '{exported_namespace=~"$namespace", scaledObject=~"$server"}'
_ON_ITS_NODE = 'and on (namespace, pod) (max by (namespace, pod) (kube_pod_status_scheduled{condition="true"}) == 1)'


def dashboard(signals: Sequence[Signal], engines: Sequence[Engine], *, keda: bool, uid: str, title: str) -> Dashboard:
    """For servers held at `signals` and run by `engines`; `keda`: whether KEDA scales one of them."""
    return Dashboard(
        uid=uid,
        title=title,
        description="Why the autoscaler did or did not scale: what was asked, what it decided, what the cluster gave, what clients got.",
        variables=chosen_by("up"),
        rows=[
            Row("Demand", [_pressure(signals), *map(_signal, signals)]),
            Row("Decision", [_wish(), _conditions(), *([_keda_errors(), _keda_latency()] if keda else [])]),
            Row("Capacity", [_replicas(), _not_ready(), _warm_up(), _gpus(), _nodes()]),
            Row("Outcome", list(outcome(engines))),
        ],
    )


def _recorded(signal: Signal, level: Level) -> str:
    return f"{series(signal.name, signal.unit, level)}{{{CHOSEN}}}"


def _pressure(signals: Sequence[Signal]) -> Panel:
    def by_target(signal: Signal) -> str:
        if signal.resource:
            return f"{_of_pods(signal, 'status')} / {_of_pods(signal, 'spec')}"
        value = _recorded(signal, "server")
        if signal.across_pods is AcrossPods.SUM:
            value = f"avg by {OF_SERVER} ({_recorded(signal, 'pod')})"
        return f"{value} / on {OF_SERVER} {_recorded(signal, 'target')}"

    return Panel(
        "Signals by their targets",
        "Every signal divided by its target, a sum as its mean per replica: the autoscaler multiplies the replicas by the largest. "
        "1 is at the target; between 0.9 and 1.1 nothing happens.",
        "ratio",
        [*(Query(by_target(signal), f"{_legend(signal)} {signal.name}") for signal in signals), Query("vector(1)", "target", limit=True)],
    )


def _of_pods(signal: Signal, part: str) -> str:
    """A signal that no rule records: its value or its target, a share, as the autoscaler has it."""
    return f'max {_BY_HPA} (kube_horizontalpodautoscaler_{part}_target_metric{{{_OF_RESOURCE}"{signal.resource}"}}) / 100'


def _legend(signal: Signal) -> str:
    return "{{horizontalpodautoscaler}}" if signal.resource else "{{server}}"


def _signal(signal: Signal) -> Panel:
    value, target = (
        (_of_pods(signal, "status"), _of_pods(signal, "spec"))
        if signal.resource
        else (_recorded(signal, "server"), _recorded(signal, "target"))
    )
    per_replica = signal.across_pods is AcrossPods.SUM
    return Panel(
        signal.title,
        f"{signal.meaning[0].upper()}{signal.meaning[1:]}. {'The target is per replica.' if per_replica else ''}".rstrip(),
        signal.unit,
        [Query(value, _legend(signal)), Query(target, f"{_legend(signal)} target", limit=True)],
    )


def _of_hpa(metric: str) -> str:
    return f"max {_BY_HPA} (kube_horizontalpodautoscaler_{metric}{{{_HPA}}})"


def _wish() -> Panel:
    return Panel(
        "Replicas that the autoscaler asks for",
        "And the bounds that it may not leave.",
        "replicas",
        [
            Query(_of_hpa("status_desired_replicas"), "{{horizontalpodautoscaler}} desired"),
            Query(_of_hpa("spec_min_replicas"), "{{horizontalpodautoscaler}} minimum", limit=True),
            Query(_of_hpa("spec_max_replicas"), "{{horizontalpodautoscaler}} maximum", limit=True),
        ],
    )


def _conditions() -> Panel:
    true = f'kube_horizontalpodautoscaler_status_condition{{{_HPA}, status="true"}}'
    return Panel(
        "Conditions of the autoscaler",
        "AbleToScale and ScalingActive must be yes: without them it holds its count. ScalingLimited is yes while a bound stops it.",
        "yes or no",
        [Query(f"max by (namespace, horizontalpodautoscaler, condition) ({true})", "{{horizontalpodautoscaler}} {{condition}}")],
    )


def _keda_errors() -> Panel:
    rate = f"rate(keda_scaler_detail_errors_total{_OF_SCALED_OBJECT}[{RANGE}])"
    return Panel(
        "Errors of KEDA's triggers",
        "Questions to Prometheus that failed, per second.",
        "per second",
        [Query(f"sum by (scaledObject, metric) ({rate})", "{{scaledObject}} {{metric}}")],
    )


def _keda_latency() -> Panel:
    return Panel(
        "Time that KEDA's triggers take",
        "From the question to Prometheus to its answer.",
        "seconds",
        [Query(f"max by (scaledObject, metric) (keda_scaler_metrics_latency_seconds{_OF_SCALED_OBJECT})", "{{scaledObject}} {{metric}}")],
    )


def _replicas() -> Panel:
    return Panel(
        "Replicas: asked for, there, ready",
        "What is asked for and not there is refused by a quota or a webhook; what is there and not ready waits for a node or starts.",
        "replicas",
        [
            Query(_of_hpa("status_desired_replicas"), "{{horizontalpodautoscaler}} asked for", limit=True),
            Query(_of_hpa("status_current_replicas"), "{{horizontalpodautoscaler}} there"),
            Query(f'sum by (namespace) (kube_pod_status_ready{{{_REPLICAS}, condition="true"}})', "ready in {{namespace}}"),
        ],
    )


def _not_ready() -> Panel:
    waiting = f'sum by (namespace) (kube_pod_status_scheduled{{{_REPLICAS}, condition="false"}})'
    starting = f'max by (namespace, pod) (kube_pod_status_ready{{{_REPLICAS}, condition="false"}}) {_ON_ITS_NODE}'
    return Panel(
        "Replicas that are not ready",
        "Those that wait for a node, and those that have one and start.",
        "replicas",
        [Query(waiting, "wait for a node in {{namespace}}"), Query(f"sum by (namespace) ({starting})", "start in {{namespace}}")],
    )


def _warm_up() -> Panel:
    ready, created = (f"max by (namespace, pod) ({metric}{{{_REPLICAS}}})" for metric in ("kube_pod_status_ready_time", "kube_pod_created"))
    return Panel(
        "Warm-up",
        "From the moment that a replica is asked for until it is ready: node, image, weights, engine.",
        "seconds",
        [Query(f"{ready} - {created}", "{{pod}}")],
    )


def _gpus() -> Panel:
    def requested(pods: str) -> str:
        there = 'on (namespace, pod) group_left () (max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running"}) == 1)'
        return f"sum(max by (namespace, pod, container) (kube_pod_container_resource_requests{{{_GPU}{pods}}}) * {there})"

    return Panel(
        "GPUs of the cluster",
        "Those that are there, those that pods ask for, and those of them that are held ready for the next replicas.",
        "GPUs",
        [
            Query(f"sum(max by (node) (kube_node_status_allocatable{{{_GPU}}}))", "there", limit=True),
            Query(requested(""), "asked for"),
            Query(requested(f", {_PLACEHOLDERS}"), "held ready"),
        ],
    )


def _nodes() -> Panel:
    with_gpus = f"max by (node) (kube_node_status_allocatable{{{_GPU}}}) > 0"
    ready = 'on (node) (max by (node) (kube_node_status_condition{condition="Ready", status="true"}) == 1)'
    return Panel(
        "Nodes with GPUs",
        "Those that are there, and those of them that are ready.",
        "nodes",
        [Query(f"count({with_gpus})", "there", limit=True), Query(f"count({with_gpus} and {ready})", "ready")],
    )
