"""How Prometheus comes to kube-state-metrics, which is a process and no pod."""

from __future__ import annotations

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import monitoring
from headroom.sandbox.layout import POD_GATEWAY, PORTS
from headroom.sandbox.platform.kube_state_metrics import NAME, objects
from headroom.settings.platform import Platform

SERVICE, ENDPOINTS, MONITOR = objects(monitoring.values(Platform(), KWOK)[NAME], "monitoring")


def test_the_monitor_keeps_the_namespace_of_the_objects_as_the_charts_values_say() -> None:
    (endpoint,) = MONITOR["spec"]["endpoints"]
    assert endpoint["honorLabels"] is True


def test_the_monitor_selects_the_service() -> None:
    assert MONITOR["spec"]["selector"]["matchLabels"].items() <= SERVICE["metadata"]["labels"].items()


def test_the_service_leads_to_the_machines_address() -> None:
    (subset,) = ENDPOINTS["subsets"]
    assert (subset["addresses"], subset["ports"][0]["port"]) == ([{"ip": POD_GATEWAY}], PORTS[NAME])
