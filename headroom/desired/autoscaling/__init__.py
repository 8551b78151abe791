"""The autoscaler of a server, made by the backend that its stack file names."""

from __future__ import annotations

from headroom.desired.autoscaling import hpa, keda
from headroom.desired.autoscaling.scaled import Scaled as Scaled
from headroom.desired.objects import Object
from headroom.settings.autoscaling import Backend

_BACKENDS = {Backend.HPA: hpa.autoscaler, Backend.KEDA: keda.autoscaler}


def autoscaler(server: Scaled) -> Object:
    """The one object that scales a server."""
    return _BACKENDS[server.settings.backend](server)
