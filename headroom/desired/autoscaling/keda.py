"""Backend `keda`: a ScaledObject, from which KEDA makes a HorizontalPodAutoscaler and scales between zero and one itself.

What KEDA does with each field: kedacore/keda v2.20.2 pkg/scalers/prometheus_scaler.go, pkg/fallback/fallback.go,
pkg/scaling/executor/scale_scaledobjects.go.
"""

from __future__ import annotations

from headroom.catalog.names import keda_hpa
from headroom.catalog.signals import AcrossPods
from headroom.desired.autoscaling.access import TriggerAccess, trigger_access
from headroom.desired.autoscaling.scaled import Scaled, behavior, resources
from headroom.desired.binding import BoundSignal
from headroom.desired.objects import Object, duration, number, obj
from headroom.desired.platform.prometheus import endpoint

_FAILURES = 3
"""Answers in a row that must be errors until `fallback` counts."""


def autoscaler(server: Scaled) -> Object:
    """A ScaledObject with one trigger per signal; the largest count wins."""
    return obj(
        "keda.sh/v1alpha1",
        "ScaledObject",
        server.name,
        namespace=server.namespace,
        labels=server.labels,
        spec={
            "scaleTargetRef": server.target,
            "minReplicaCount": server.settings.replicas.min,
            "maxReplicaCount": server.settings.replicas.max,
            **_zero(server),
            **_fallback(server),
            "advanced": {"horizontalPodAutoscalerConfig": {"name": keda_hpa(server.name), "behavior": behavior(server.settings)}},
            "triggers": [*_wake(server), *(_signal(server, bound) for bound in server.signals), *_resources(server)],
        },
    )


def access(server: Scaled) -> TriggerAccess:
    """What the triggers show Prometheus, and the objects that hold it."""
    return trigger_access(server.name, server.namespace, server.labels, server.monitoring.access)


def _zero(server: Scaled) -> Object:
    """Periods that count only for a server that may sleep; with others KEDA's webhook warns of them.

    Half of the time until it sleeps is KEDA's cool-down. An answer that is an error makes KEDA close a ScaledObject's scalers, on behalf
    of the HPA too, and a look that meets them closed counts as nobody asking, which no error hinders: pkg/scaling/scale_handler.go,
    `getScalerState`. Only the cool-down keeps the replicas then.
    """
    wake = server.settings.wake
    if wake is None:
        return {}
    return {
        "pollingInterval": max(1, int(server.monitoring.scrape_interval)),
        "cooldownPeriod": wake.cool_down,
        "initialCooldownPeriod": server.startup_seconds + int(wake.after),
    }


def _fallback(server: Scaled) -> Object:
    """Without one KEDA passes the error on and the HPA holds. With `Value` triggers a fallback is computed from ready pods."""
    replicas = server.settings.fallback
    if replicas is None:
        return {}
    return {"fallback": {"failureThreshold": _FAILURES, "replicas": replicas, "behavior": "currentReplicasIfHigher"}}


def _wake(server: Scaled) -> list[Object]:
    """While anybody asks for the server it wants one replica; how many more its signals say."""
    return [_prometheus(server, "wake", _latest(server, server.wake.asked.record), 1, "AverageValue")] if server.wake else []


def _signal(server: Scaled, bound: BoundSignal) -> Object:
    query = _latest(server, bound.server.record)
    if server.wake:
        # A server without pods has no series of its own. That is 0 and no error once nobody has asked for it: it sleeps.
        query = f"{query} or {_latest(server, server.wake.asked.record)} == 0"
    kind = "AverageValue" if bound.signal.across_pods is AcrossPods.SUM else "Value"
    return _prometheus(server, bound.signal.name, query, bound.target, kind)


def _latest(server: Scaled, record: str) -> str:
    """One element or none: not what Prometheus still shows of a series for five minutes after its last sample."""
    return f"max(last_over_time({server.place.select(record)}[{duration(server.monitoring.freshness)}]))"


def _prometheus(server: Scaled, name: str, query: str, target: float, kind: str) -> Object:
    shown = access(server)
    return {
        "type": "prometheus",
        "name": name,
        "metricType": kind,
        "metadata": {
            "serverAddress": endpoint(server.monitoring).url,
            "query": query,
            "threshold": number(target),
            "ignoreNullValues": "false",
            **shown.metadata,
        },
        **shown.reference,
    }


def _resources(server: Scaled) -> list[Object]:
    return [
        {"type": resource, "name": resource, "metricType": "Utilization", "metadata": {"value": str(percent)}}
        for resource, percent in resources(server.settings).items()
    ]
