"""What the sandbox makes of Helm values, as the charts would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.distributions import EKS, KWOK
from headroom.desired.platform import monitoring, prometheus_adapter
from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring import chart
from headroom.settings.platform import Platform

LAYOUT = Layout(Clone(Path("/clone")))


def prometheus(spec: dict[str, Any]) -> dict[str, Any]:
    values = {"fullnameOverride": "monitoring", "prometheus": {"prometheusSpec": spec}}
    return chart.prometheus_object(values, "release", "monitoring", LAYOUT)


def platform(**monitoring: str) -> Platform:
    return Platform.model_validate({"monitoring": monitoring})


def test_without_a_word_about_selectors_only_the_releases_monitors_are_seen() -> None:
    assert prometheus({})["spec"]["podMonitorSelector"] == {"matchLabels": {"release": "release"}}


def test_an_open_selector_sees_every_monitor() -> None:
    assert prometheus({"podMonitorSelectorNilUsesHelmValues": False})["spec"]["podMonitorSelector"] == {}


def test_the_charts_own_switches_do_not_reach_the_object() -> None:
    assert "podMonitorSelectorNilUsesHelmValues" not in prometheus({"podMonitorSelectorNilUsesHelmValues": False})["spec"]


def test_the_pods_that_stand_for_it_need_nothing_that_a_stack_installs() -> None:
    rendered = chart.prometheus_object(monitoring.values(platform(), KWOK), "release", "monitoring", LAYOUT)
    assert "priorityClassName" in monitoring.values(platform(), KWOK)["prometheus"]["prometheusSpec"]
    assert "priorityClassName" not in rendered["spec"]


def test_a_selector_that_is_given_stays() -> None:
    asked = {"matchLabels": {"team": "speech"}}
    assert prometheus({"ruleSelector": asked})["spec"]["ruleSelector"] == asked


def test_intervals_reach_prometheus_as_the_stack_has_them() -> None:
    rendered = chart.prometheus_object(monitoring.values(platform(scrapeInterval="2s"), KWOK), "release", "monitoring", LAYOUT)
    assert rendered["spec"]["scrapeInterval"] == "2s"


def test_the_stacks_adapter_rules_become_its_file() -> None:
    values = prometheus_adapter.values(Platform(), KWOK)
    assert chart.adapter_config(values) == {"rules": values["rules"]["custom"], "externalRules": []}


def test_rules_that_only_the_chart_has_are_refused() -> None:
    with pytest.raises(SandboxError, match=r"rules\.default"):
        chart.adapter_config({"rules": {"default": True}})


def test_the_adapter_lists_series_as_often_as_the_values_say() -> None:
    values = prometheus_adapter.values(platform(scrapeInterval="1s", window="10s"), KWOK)
    assert chart.adapter_arguments(values, "http://a")[:2] == ("--prometheus-url=http://a", "--metrics-relist-interval=1s")


def test_the_adapter_asks_the_service_that_the_values_name() -> None:
    values = prometheus_adapter.values(platform(namespace="observability"), KWOK)
    assert chart.prometheus_url(values) == "http://prometheus-operated.observability.svc:9090"


def test_an_address_without_a_port_or_with_a_path_is_put_together_as_the_chart_does() -> None:
    values = prometheus_adapter.values(platform(url="https://metrics.example.com/team"), EKS)
    assert chart.prometheus_url(values) == "https://metrics.example.com/team"


def test_a_service_that_a_process_answers_for_leads_to_it() -> None:
    assert chart.inside("http://prometheus-operated.observability.svc:9090") == "http://127.0.0.1:9090"


@pytest.mark.parametrize("url", ["http://prometheus-operated.monitoring.svc:9091", "http://grafana.monitoring.svc:9090"])
def test_a_service_that_nothing_answers_for_is_refused(url: str) -> None:
    with pytest.raises(SandboxError, match="prometheus-operated:9090"):
        chart.inside(url)
