"""What the sandbox makes of the add-ons' Helm values and manifests."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import keda, metrics_server
from headroom.desired.platform import lws as lws_values
from headroom.desired.platform.addon import overlaid
from headroom.paths import Clone
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring import chart
from headroom.sandbox.platform import lws
from headroom.sandbox.platform.keda_chart import environment, scraped
from headroom.sandbox.platform.metrics_server import arguments
from headroom.settings.platform import Platform

MANIFEST = """
kind: MutatingWebhookConfiguration
metadata: {name: mutating}
webhooks:
- {name: sets, clientConfig: {service: {name: s, namespace: n, path: /sets}}, rules: [{resources: [leaderworkersets]}]}
- {name: pods, clientConfig: {service: {name: s, namespace: n, path: /pods}}, rules: [{resources: [pods]}]}
"""


def test_kedas_patience_with_prometheus_is_that_of_the_values() -> None:
    rendered = keda.values(Platform(), KWOK)
    changed = overlaid(rendered, {"http": {"timeout": 250}})
    assert environment(rendered, "keda")["KEDA_HTTP_DEFAULT_TIMEOUT"] == "3000"
    assert environment(changed, "keda")["KEDA_HTTP_DEFAULT_TIMEOUT"] == "250"


def test_prometheus_is_told_of_kedas_operator_as_the_values_say() -> None:
    rendered = keda.values(Platform.model_validate({"monitoring": {"scrapeInterval": "5s"}}), KWOK)
    monitor = scraped(rendered, "keda")[-1]
    assert monitor["spec"]["endpoints"][0]["interval"] == "5s"
    assert scraped(overlaid(rendered, {"prometheus": {"operator": {"enabled": False}}}), "keda") == []


def test_metrics_server_has_the_flags_of_the_values_the_later_ones_last() -> None:
    rendered = metrics_server.values(Platform(), KWOK)
    changed = overlaid(rendered, {"args": ["--metric-resolution=10s"]})
    assert arguments(changed) == (*arguments(rendered), "--metric-resolution=10s")


def test_the_names_that_triggers_know_prometheus_by_lead_to_it() -> None:
    assert "127.0.0.1 prometheus-operated.observability.svc\n" in chart.hosts("observability")


def test_a_gang_scheduler_of_the_values_reaches_the_controller(tmp_path: Path) -> None:
    layout = Layout(Clone(tmp_path))
    gangs = {"gangSchedulingManagement": {"schedulerProvider": "volcano"}}
    assert "gangSchedulingManagement" not in lws.configuration(lws_values.values(Platform(), KWOK), layout)
    assert (
        lws.configuration(overlaid(lws_values.values(Platform(), KWOK), gangs), layout)["gangSchedulingManagement"]
        == gangs["gangSchedulingManagement"]
    )


@pytest.mark.parametrize(("index", "path"), [(0, "/sets"), (1, "/pods")])
def test_a_webhook_leads_to_the_process_and_is_verified(index: int, path: str) -> None:
    hook = lws.webhooks(MANIFEST, "Q0E=")[0]["webhooks"][index]
    assert hook["clientConfig"] == {"url": f"https://127.0.0.1:9443{path}", "caBundle": "Q0E="}


def test_only_pods_of_groups_wait_for_the_webhook() -> None:
    sets, pods = lws.webhooks(MANIFEST, "Q0E=")[0]["webhooks"]
    assert "objectSelector" not in sets
    assert pods["objectSelector"] == lws.GROUP_MEMBER
