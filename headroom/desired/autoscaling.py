"""The autoscaler of a server."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.catalog.signals import AcrossPods
from headroom.desired.binding import BoundSignal
from headroom.desired.objects import Object, obj
from headroom.settings.autoscaling import Autoscaling, ScaleDown, ScaleUp


def hpa(name: str, namespace: str, labels: dict[str, str], autoscaling: Autoscaling, signals: Sequence[BoundSignal]) -> Object:
    """A HorizontalPodAutoscaler on the Deployment `name`, reading recorded series through custom.metrics.k8s.io."""
    return obj(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        name,
        namespace=namespace,
        labels=labels,
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": autoscaling.replicas.min,
            "maxReplicas": autoscaling.replicas.max,
            "metrics": [_metric(name, bound) for bound in signals],
            "behavior": {"scaleUp": _direction(autoscaling.scale_up), "scaleDown": _direction(autoscaling.scale_down)},
        },
    )


def _metric(server: str, bound: BoundSignal) -> Object:
    if bound.signal.across_pods is AcrossPods.SUM:
        return {
            "type": "Pods",
            "pods": {"metric": {"name": bound.pod.record}, "target": {"type": "AverageValue", "averageValue": bound.quantity}},
        }
    # A Pods metric can only average its pods: whatever is not a sum is read from the server's own series.
    return {
        "type": "Object",
        "object": {
            "describedObject": {"apiVersion": "v1", "kind": "Service", "name": server},
            "metric": {"name": bound.server.record},
            "target": {"type": "Value", "value": bound.quantity},
        },
    }


def _direction(limits: ScaleUp | ScaleDown) -> Object:
    return {
        "stabilizationWindowSeconds": int(limits.stabilization),
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": limits.pods, "periodSeconds": int(limits.period)}],
    }
