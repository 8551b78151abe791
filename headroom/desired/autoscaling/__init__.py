"""The autoscaler of a server, made by the backend that its stack file names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headroom.desired.autoscaling import hpa, keda
from headroom.desired.autoscaling.front import requests
from headroom.desired.autoscaling.scaled import Scaled as Scaled
from headroom.desired.binding import BoundWake, Place, bind_wake
from headroom.desired.objects import Object
from headroom.desired.serving import Uses
from headroom.settings.autoscaling import Backend, Wake

_BACKENDS = {Backend.HPA: hpa.autoscaler, Backend.KEDA: keda.autoscaler}


def objects(server: Scaled) -> dict[str, Object]:
    """The one object that scales a server, by role, after those that it refers to."""
    before = keda.access(server).objects if server.settings.backend is Backend.KEDA else {}
    return {**before, "autoscaler": _BACKENDS[server.settings.backend](server)}


def credentials(server: Scaled) -> Mapping[str, Uses]:
    """What is filled into which Secret of `objects`, by role and key."""
    return keda.access(server).credentials if server.settings.backend is Backend.KEDA else {}


def wake(settings: Wake | None, place: Place, ports: Sequence[str]) -> BoundWake | None:
    """What wakes a server: its own query, else the requests for the `ports` that its route leads to."""
    return bind_wake(settings.query or requests(place, ports), settings.silence, place) if settings else None
