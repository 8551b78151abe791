"""The Helm values of the platform's add-ons."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import keda, lws, metrics_server, prometheus_adapter
from headroom.desired.platform.addon import overlaid
from headroom.settings.platform import Monitoring, Platform


def owners(adapter: dict[str, Any], with_keda: dict[str, Any]) -> dict[str, list[str]]:
    """Who registers which metrics API, as the charts' templates decide it."""
    rules = adapter["rules"]
    return {
        "custom.metrics.k8s.io": ["prometheus-adapter"] * bool(rules["default"] or rules["custom"]),
        "external.metrics.k8s.io": ["prometheus-adapter"] * bool(rules["external"])
        + ["keda"] * with_keda.get("metricsServer", {}).get("enabled", True),
        "metrics.k8s.io": ["prometheus-adapter"] * ("resource" in rules)
        + ["metrics-server"] * metrics_server.values(Platform(), KWOK).get("apiService", {}).get("create", True),
    }


@pytest.mark.parametrize("api", ["custom.metrics.k8s.io", "external.metrics.k8s.io", "metrics.k8s.io"])
def test_each_metrics_api_has_one_owner(api: str) -> None:
    assert len(owners(prometheus_adapter.values(Platform(), KWOK), keda.values(Platform(), KWOK))[api]) == 1


def test_scaled_objects_outlive_keda() -> None:
    annotations = keda.values(Platform(), KWOK)["crds"]["additionalAnnotations"]
    assert annotations == {"helm.sh/resource-policy": "keep"}


def test_groups_get_pod_groups_of_the_gang_scheduler_that_the_cluster_has() -> None:
    platform = Platform.model_validate({"lws": {"mode": "helm", "gang": "volcano"}})
    assert lws.values(platform, KWOK)["gangSchedulingManagement"] == {"schedulerProvider": "volcano"}
    assert lws.values(Platform(), KWOK)["gangSchedulingManagement"] == {}


def test_kedas_monitors_carry_the_labels_that_prometheus_selects_by() -> None:
    monitoring = Monitoring.model_validate({"labels": {"release": "prometheus"}, "scrapeInterval": "5s"})
    monitor = keda.values(Platform(monitoring=monitoring), KWOK)["prometheus"]["operator"]["serviceMonitor"]
    assert monitor == {"enabled": True, "interval": "5s", "additionalLabels": {"release": "prometheus"}}


def test_values_laid_over_others_merge_mappings_and_replace_lists() -> None:
    below = {"rules": {"default": False, "custom": [1, 2]}, "url": "a"}
    assert overlaid(below, {"rules": {"custom": [3]}}) == {"rules": {"default": False, "custom": [3]}, "url": "a"}
