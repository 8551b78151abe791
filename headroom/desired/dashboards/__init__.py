"""Dashboards as data: one of the autoscaling loop and one per engine, each a ConfigMap that Grafana's sidecar finds by its label."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import APP_MANAGED_BY, DASHBOARD_LABEL, MANAGER
from headroom.catalog.signals import Signal
from headroom.desired.dashboards import engine, loop
from headroom.desired.dashboards.grafana import Dashboard
from headroom.desired.objects import Object, obj

LOOP = "loop"


def dashboards(namespace: str, signals: Sequence[Signal], engines: Sequence[Engine], *, keda: bool) -> dict[str, Dashboard]:
    """The dashboards of a stack by name, for the signals and engines that it uses."""
    every = _by_name(engines)
    of_loop = loop.dashboard(
        signals, list(every.values()), keda=keda, uid=_uid(namespace, LOOP), title=f"Headroom: autoscaling loop ({namespace})"
    )
    of_engines = {
        name: engine.dashboard(each, _uid(namespace, name), f"Headroom: {each.title} ({namespace})") for name, each in every.items()
    }
    return {LOOP: of_loop, **of_engines}


def config_maps(namespace: str, wanted: Mapping[str, Dashboard]) -> dict[str, Object]:
    """The dashboards as ConfigMaps, by role."""
    return {f"dashboard-{name}": _config_map(namespace, name, dashboard) for name, dashboard in wanted.items()}


def _config_map(namespace: str, name: str, dashboard: Dashboard) -> Object:
    labels = {APP_MANAGED_BY: MANAGER, **DASHBOARD_LABEL}
    # The sidecar writes the dashboards of all namespaces into one directory, under these keys.
    data = {f"{namespace}-{name}.json": dashboard.text()}
    return obj("v1", "ConfigMap", f"dashboard-{name}", namespace=namespace, labels=labels, data=data)


def _by_name(engines: Sequence[Engine]) -> dict[str, Engine]:
    """Each engine once, at the newest of its versions."""
    return {each.name: each for each in sorted(engines, key=lambda engine: engine.version)}


def _uid(namespace: str, name: str) -> str:
    """At most 40 characters, the same whenever the same dashboard is made."""
    return f"headroom-{hashlib.sha256(f'{namespace}/{name}'.encode()).hexdigest()[:16]}"
