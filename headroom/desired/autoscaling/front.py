"""Requests as Traefik counts them for a server's route, whether the server has replicas or not.

Source: traefik/traefik v3 pkg/observability/metrics/prometheus.go; the names of routers: pkg/provider/kubernetes/crd/kubernetes.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from headroom.catalog.names import DEMAND
from headroom.desired.binding import Place, looks_within
from headroom.desired.objects import duration

_ALWAYS_THERE = "traefik_config_last_reload_success"
"""A gauge that every Traefik has from its start on."""


def requests(place: Place, ports: Sequence[str]) -> str:
    """PromQL: above 0 while requests come for the routes of `ports`, 0 while none do, nothing while no Traefik is seen.

    A router is counted from its first request on, and a rate needs two samples: the first request of all is seen by its series being
    new, where somebody looked before it was there.
    """
    router = f"{place.namespace}-{place.server}-({'|'.join(ports)})-[0-9a-f]{{20}}@kubernetescrd"
    counter, window = f'traefik_router_requests_total{{router=~"{router}"}}', duration(place.window)
    nothing = f"0 * max({_ALWAYS_THERE})"
    looked = f"count_over_time({place.select(DEMAND)}[{window}]) >= {looks_within(place.window, place)}"
    new = f"sum({counter} unless {counter} offset {window}) and on () {looked}"
    return f"(sum(rate({counter}[{window}])) or {nothing}) + ({new} or {nothing})"
