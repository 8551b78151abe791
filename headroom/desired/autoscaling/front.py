"""Requests as Traefik counts them for a server's route, whether the server has replicas or not.

Source: traefik/traefik v3 pkg/observability/metrics/prometheus.go; the names of routers: pkg/provider/kubernetes/crd/kubernetes.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from headroom.desired.binding import Place
from headroom.desired.objects import duration

_ALWAYS_THERE = "traefik_config_last_reload_success"
"""A gauge that every Traefik has from its start on."""

_STARTED = "process_start_time_seconds"
"""When a process began: a Traefik that just did has counted nothing from before."""


def requests(place: Place, ports: Sequence[str]) -> str:
    """PromQL: above 0 while requests come for the routes of `ports`, 0 while none do, nothing while no Traefik is seen.

    A router is counted from its first request on, and a rate needs two samples. The first request of all is seen by its series being new:
    the same Traefik was seen a window ago without it, or was not running then. A Traefik that was only not seen says nothing: what it
    shows once it is seen again may be from any time.
    """
    router = f"{place.namespace}-{place.server}-({'|'.join(ports)})-[0-9a-f]{{20}}@kubernetescrd"
    counter, window = f'traefik_router_requests_total{{router=~"{router}"}}', duration(place.window)
    nothing = f"0 * max({_ALWAYS_THERE})"
    known = f"({_ALWAYS_THERE} offset {window} or {_STARTED} > time() - {place.window:g})"
    new = f"count(({counter} unless {counter} offset {window}) and on (job, instance) {known})"
    return f"(sum(rate({counter}[{window}])) or {nothing}) + ({new} or {nothing})"
