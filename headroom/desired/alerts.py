"""Alerts on the autoscaling loop itself: not that a server is slow, but that nobody would make it faster.

What a server's own series do not tell comes from kube-state-metrics, which kube-prometheus-stack has scraped with its own `namespace`
kept (honorLabels), and from KEDA's operator, whose chart's ServiceMonitor does not keep it: there it is `exported_namespace`. How long
something must hold follows from the server's settings: a blind loop from the window of its rates, a late replica from what a start may
take.

Sources of the series: kubernetes/kube-state-metrics docs/metrics; kedacore/keda pkg/metricscollector/prommetrics.go; kedacore/charts
keda/templates/manager/servicemonitor.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headroom.catalog.names import NAMESPACE_LABEL, SERVER_LABEL, AlertName, autoscaler_pattern, placeholder, replica_pattern
from headroom.catalog.signals import AcrossPods
from headroom.desired.binding import BoundSignal
from headroom.desired.objects import Object, duration

DOCS = "docs/observability.md"

NODE_SECONDS = 600
"""How long a cloud may take until a new GPU node is ready, drivers included."""

LIMIT_SECONDS = 600
"""How long the maximum may be too small before somebody should know."""

ERROR_SECONDS = 300
"""KEDA asks every 30 seconds: ten answers in a row that were errors."""


@dataclass(frozen=True)
class Alert:
    """One alerting rule; it fires when `expr` gave a result for `seconds`."""

    name: AlertName
    expr: str
    seconds: float
    critical: bool
    summary: str
    description: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched:
    """A server as its alerts need it."""

    name: str
    namespace: str
    signals: Sequence[BoundSignal]
    resources: Sequence[str]
    """Of its pods, `cpu` or `memory`, that it is held at beside its signals: no rule records them."""
    window: float
    """Range of the signals' rates, in seconds."""
    startup: float
    """How long a replica may take to start, in seconds."""
    scaled_by_keda: bool

    @property
    def patience(self) -> float:
        """How long a signal may be missing: until the window holds new samples, several times over."""
        return 4 * self.window


def alerts(server: Watched) -> tuple[Alert, ...]:
    """Every alert on a server's loop."""
    return (
        *(alert for bound in server.signals for alert in _on_signal(server, bound)),
        *(_resource_at_limit(server, resource) for resource in server.resources),
        _loop_unobserved(server),
        _autoscaler_inactive(server),
        *_scaler_errors(server),
        _replicas_behind(server),
        _warm_up_slow(server),
    )


def warm_pool_short(namespace: str, pool: str) -> Alert:
    """The alert on the placeholders of a pool."""

    def replicas(metric: str) -> str:
        return f"max(kube_deployment_{metric}{_selector({NAMESPACE_LABEL: namespace, 'deployment': placeholder(pool)})})"

    return Alert(
        AlertName.WARM_POOL_SHORT,
        f"{replicas('spec_replicas')} - {replicas('status_replicas_ready')} > 0",
        NODE_SECONDS,
        False,
        f"pool {pool} holds less room ready than it should",
        f"{{{{ $value }}}} placeholders of pool {pool} wait for a node: the pool is at its maximum, or its cloud has no more. "
        "The next replica waits for a node too.",
        {"pool": pool},
    )


def group(server: Watched) -> Object:
    """The alerts as a group of a PrometheusRule."""
    return rule_group(f"headroom.{server.namespace}.{server.name}.alerts", alerts(server), _who(server))


def rule_group(name: str, wanted: Sequence[Alert], labels: Mapping[str, str]) -> Object:
    """Alerts as a group of a PrometheusRule, each with `labels`."""
    return {"name": name, "rules": [_rule(alert, labels) for alert in wanted]}


def _rule(alert: Alert, labels: Mapping[str, str]) -> Object:
    return {
        "alert": str(alert.name),
        "expr": alert.expr,
        "for": duration(alert.seconds),
        "labels": {**labels, **alert.labels, "severity": "critical" if alert.critical else "warning"},
        "annotations": {"summary": alert.summary, "description": alert.description, "docs": f"{DOCS}#{alert.name.lower()}"},
    }


def _on_signal(server: Watched, bound: BoundSignal) -> Iterator[Alert]:
    signal, labels = bound.signal.name, {"signal": bound.signal.name}
    pod, whole, target = (f"{rule.record}{_selector(_who(server))}" for rule in bound.rules)
    yield Alert(
        AlertName.SIGNAL_MISSING,
        f"absent({whole}) and on () ({_ready(server)} > 0)",
        server.patience,
        True,
        f"{signal} of {server.name} is missing",
        f"Replicas of {server.name} are ready and {bound.server.record} has no value: the autoscaler holds its count whatever comes. "
        "Look at the scrape targets and the recording rules first.",
        labels,
    )
    yield Alert(
        AlertName.REPLICAS_UNMEASURED,
        f"{_ready(server)} - count({pod}) > 0",
        server.patience,
        False,
        f"{signal} is missing for some replicas of {server.name}",
        f"{{{{ $value }}}} ready replicas of {server.name} have no {bound.pod.record}: the autoscaler guesses for them or leaves them out.",
        labels,
    )
    # The HPA compares a sum with the target as its mean over the pods.
    value = f"avg({pod})" if bound.signal.across_pods is AcrossPods.SUM else f"max({whole})"
    yield _at_limit(server, signal, f"{value} > max({target})")


def _resource_at_limit(server: Watched, resource: str) -> Alert:
    of_resource = {"metric_name=": resource, "metric_target_type=": "utilization"}
    value, target = (_hpa(server, f"{part}_target_metric", of_resource) for part in ("status", "spec"))
    return _at_limit(server, resource, f"{value} > {target}")


def _at_limit(server: Watched, signal: str, above: str) -> Alert:
    return Alert(
        AlertName.AUTOSCALER_AT_LIMIT,
        f"({above}) and on () ({_hpa(server, 'status_desired_replicas')} >= {_hpa(server, 'spec_max_replicas')})",
        LIMIT_SECONDS,
        False,
        f"{server.name} is at its maximum and {signal} is above its target",
        f"{signal} is {{{{ $value }}}} with every replica that replicas.max allows. Raise it, and the pool's max with it, or live with it.",
        {"signal": signal},
    )


def _loop_unobserved(server: Watched) -> Alert:
    return Alert(
        AlertName.LOOP_UNOBSERVED,
        f"absent(kube_horizontalpodautoscaler_spec_max_replicas{_hpa_selector(server)})",
        max(300, server.patience),
        True,
        f"nothing is known of the autoscaler of {server.name}",
        f"{server.name} has no HorizontalPodAutoscaler, or kube-state-metrics is not scraped: then the other alerts on it are silent too.",
    )


def _autoscaler_inactive(server: Watched) -> Alert:
    conditions = {"condition=~": "AbleToScale|ScalingActive", "status=": "false"}
    return Alert(
        AlertName.AUTOSCALER_INACTIVE,
        # At zero replicas an HPA is inactive by design.
        f"({_hpa(server, 'status_condition', conditions)} == 1) and on () ({_hpa(server, 'status_current_replicas')} > 0)",
        server.patience,
        True,
        f"the autoscaler of {server.name} cannot read or cannot scale",
        f"AbleToScale or ScalingActive of the HPA is False. Its message says why: kubectl --namespace {server.namespace} describe hpa.",
    )


def _scaler_errors(server: Watched) -> Iterator[Alert]:
    if not server.scaled_by_keda:
        return
    selector = _selector({"exported_namespace": server.namespace, "scaledObject": server.name})
    yield Alert(
        AlertName.SCALER_ERRORS,
        f"sum(increase(keda_scaled_object_errors_total{selector}[{duration(ERROR_SECONDS)}])) > 0",
        ERROR_SECONDS,
        True,
        f"KEDA has errors with {server.name}",
        f"KEDA cannot read a trigger of ScaledObject {server.name}; the log of keda-operator says which. Until then the count is held.",
    )


def _replicas_behind(server: Watched) -> Alert:
    return Alert(
        AlertName.REPLICAS_BEHIND,
        f"{_hpa(server, 'status_desired_replicas')} - ({_ready(server)} or vector(0)) > 0",
        server.startup + NODE_SECONDS,
        True,
        f"{server.name} has fewer replicas than its autoscaler asks for",
        f"{{{{ $value }}}} replicas of {server.name} are missing for longer than a node and a start may take: "
        "pods that wait for a node, a quota that is used up, or a start that fails.",
    )


def _warm_up_slow(server: Watched) -> Alert:
    def pods(metric: str, **more: str) -> str:
        matchers = {
            "namespace=": server.namespace,
            "pod=~": replica_pattern(server.name),
            **{f"{key}=": value for key, value in more.items()},
        }
        return f"max by ({NAMESPACE_LABEL}, pod) ({metric}{_matchers(matchers)})"

    return Alert(
        AlertName.WARM_UP_SLOW,
        f"({pods('kube_pod_status_ready', condition='true')} == 0) and ({pods('kube_pod_status_scheduled', condition='true')} == 1) "
        f"unless {pods('kube_pod_deletion_timestamp')}",
        server.startup,
        False,
        f"a replica of {server.name} is not ready in the time that its start may take",
        "{{ $labels.pod }} has a node and is not ready: image, weights or engine take longer than the start-up budget, and its start "
        "begins anew. Raise startup, keep weights in a cache, or read the container's log.",
    )


def _who(server: Watched) -> dict[str, str]:
    return {NAMESPACE_LABEL: server.namespace, SERVER_LABEL: server.name}


def _ready(server: Watched) -> str:
    matchers = {"namespace=": server.namespace, "pod=~": replica_pattern(server.name), "condition=": "true"}
    return f"sum(kube_pod_status_ready{_matchers(matchers)})"


def _hpa(server: Watched, metric: str, more: Mapping[str, str] | None = None) -> str:
    """One number of the server's HPA, whoever made the HPA and however many kube-state-metrics there are."""
    return f"max(kube_horizontalpodautoscaler_{metric}{_hpa_selector(server, more)})"


def _hpa_selector(server: Watched, more: Mapping[str, str] | None = None) -> str:
    return _matchers({"namespace=": server.namespace, "horizontalpodautoscaler=~": autoscaler_pattern(server.name), **(more or {})})


def _selector(labels: Mapping[str, str]) -> str:
    return _matchers({f"{name}=": value for name, value in labels.items()})


def _matchers(matchers: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{label}"{value}"' for label, value in matchers.items()) + "}"
