"""A server as its autoscaler needs it, the same for every backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headroom.catalog.signals import SIGNALS
from headroom.desired.binding import BoundSignal, BoundWake, Place
from headroom.desired.objects import Object
from headroom.settings.autoscaling import Autoscaling, ScaleDown, ScaleUp
from headroom.settings.platform import Monitoring
from headroom.settings.targets import target_value


@dataclass(frozen=True)
class Scaled:
    """`target` is the reference to what is scaled: apiVersion, kind, name."""

    place: Place
    labels: dict[str, str]
    target: Object
    settings: Autoscaling
    signals: Sequence[BoundSignal]
    wake: BoundWake | None
    monitoring: Monitoring
    startup_seconds: int

    @property
    def name(self) -> str:
        return self.place.server

    @property
    def namespace(self) -> str:
        return self.place.namespace


def resources(settings: Autoscaling) -> Mapping[str, int]:
    """Resource of metrics.k8s.io → percent of its request that it is held at."""
    targets = {SIGNALS[name].resource: target_value(SIGNALS[name], text) for name, text in settings.signals.items()}
    return {resource: round(share * 100) for resource, share in targets.items() if resource}


def behavior(settings: Autoscaling) -> Object:
    """How fast the HorizontalPodAutoscaler may go in each direction, whoever made it."""
    return {"scaleUp": _direction(settings.scale_up), "scaleDown": _direction(settings.scale_down)}


def _direction(limits: ScaleUp | ScaleDown) -> Object:
    return {
        "stabilizationWindowSeconds": int(limits.stabilization),
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": limits.pods, "periodSeconds": int(limits.period)}],
    }
