"""Backend `hpa`: a HorizontalPodAutoscaler that reads recorded series through prometheus-adapter."""

from __future__ import annotations

from headroom.catalog.signals import AcrossPods
from headroom.desired.autoscaling.scaled import Scaled, behavior, resources
from headroom.desired.binding import BoundSignal
from headroom.desired.objects import Object, obj

_LET_KEDA_PASS = "validations.keda.sh/hpa-ownership"
"""KEDA's webhook refuses a ScaledObject beside an HPA on the same target; `"false"` on the HPA says that it is on its way out."""


def autoscaler(server: Scaled) -> Object:
    """A HorizontalPodAutoscaler.

    Moved to backend keda, it exists beside KEDA's own for the seconds between Pulumi's create and delete. Both then report
    `AmbiguousSelector` and hold; the one that stays goes on from the count that it finds.
    """
    item = obj(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        server.name,
        namespace=server.namespace,
        labels=server.labels,
        spec={
            "scaleTargetRef": server.target,
            "minReplicas": server.settings.replicas.min,
            "maxReplicas": server.settings.replicas.max,
            "metrics": [*(_metric(server.name, bound) for bound in server.signals), *_resources(server)],
            "behavior": behavior(server.settings),
        },
    )
    item["metadata"]["annotations"] = {_LET_KEDA_PASS: "false"}
    return item


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


def _resources(server: Scaled) -> list[Object]:
    return [
        {"type": "Resource", "resource": {"name": resource, "target": {"type": "Utilization", "averageUtilization": percent}}}
        for resource, percent in resources(server.settings).items()
    ]
