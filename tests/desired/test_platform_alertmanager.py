"""Who is told of alerts: the Alertmanager's configuration from the receivers of a stack file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.distributions import EKS
from headroom.desired.platform import add_ons, monitoring
from headroom.settings.platform import Platform
from tests.desired.monitored import stack

RECEIVERS: dict[str, Any] = {
    "on-call": {"pagerduty": {"routingKey": "pagerduty"}, "severities": ["critical"]},
    "chat": {"slack": {"url": "slack", "channel": "#inference"}},
    "desk": {"webhook": {"url": "desk"}, "severities": ["warning"]},
    "mail": {
        "email": {"to": "on-call@example.com", "sender": "alerts@example.com", "smarthost": "smtp.example.com:587"},
    },
}
CREDENTIALS = ["pagerduty", "slack", "desk"]


def alertmanager(receivers: dict[str, Any]) -> dict[str, Any]:
    platform = Platform.model_validate({"monitoring": {"mode": "helm", "release": "kps", "receivers": receivers}})
    return monitoring.values(platform, EKS)["alertmanager"]


def receiver(name: str) -> dict[str, Any]:
    return next(found for found in alertmanager(RECEIVERS)["config"]["receivers"] if found["name"] == name)


def test_without_receivers_the_charts_configuration_stands() -> None:
    assert "config" not in alertmanager({})


@pytest.mark.parametrize(("name", "matcher"), [("on-call", "critical"), ("chat", "critical|warning"), ("desk", "warning")])
def test_a_receiver_is_told_of_its_severities(name: str, matcher: str) -> None:
    (route,) = [route for route in alertmanager(RECEIVERS)["config"]["route"]["routes"] if route["receiver"] == name]
    assert route["matchers"] == [f'severity=~"{matcher}"']


def test_no_receiver_takes_an_alert_from_the_next() -> None:
    assert all(route["continue"] for route in alertmanager(RECEIVERS)["config"]["route"]["routes"])


def test_what_has_no_severity_of_ours_is_told_to_nobody() -> None:
    """The chart's Watchdog and InfoInhibitor, which always fire, have `none`."""
    assert alertmanager(RECEIVERS)["config"]["route"]["receiver"] == "null"


@pytest.mark.parametrize(
    ("name", "kind", "key"),
    [
        ("on-call", "pagerduty_configs", "routing_key_file"),
        ("chat", "slack_configs", "api_url_file"),
        ("desk", "webhook_configs", "url_file"),
    ],
)
def test_a_secret_is_read_from_the_file_that_the_operator_mounts(name: str, kind: str, key: str) -> None:
    (secret,) = alertmanager(RECEIVERS)["alertmanagerSpec"]["secrets"]
    assert receiver(name)[kind][0][key] == f"/etc/alertmanager/secrets/{secret}/{name}"


def test_the_secret_has_a_key_for_each_receiver_that_needs_one(tmp_path: Path) -> None:
    settings = {"mode": "helm", "grafana": "none", "release": "kps", "receivers": RECEIVERS}
    found = add_ons(stack(tmp_path, settings, credentials=CREDENTIALS))["monitoring"]
    (secret,) = alertmanager(RECEIVERS)["alertmanagerSpec"]["secrets"]
    assert found.objects["receivers"]["metadata"]["name"] == secret
    assert {key: use.credential for key, use in found.credentials["receivers"].items()} == {
        "on-call": "pagerduty",
        "chat": "slack",
        "desk": "desk",
    }


def test_a_mailbox_without_a_login_needs_no_secret() -> None:
    rendered = alertmanager({"mail": RECEIVERS["mail"]})
    assert "secrets" not in rendered["alertmanagerSpec"]
    assert "auth_username" not in rendered["config"]["receivers"][-1]["email_configs"][0]


def test_a_mailbox_with_a_login_reads_its_password() -> None:
    login = {"mail": {"email": {**RECEIVERS["mail"]["email"], "user": "alerts", "password": "smtp"}}}
    (mail,) = alertmanager(login)["config"]["receivers"][-1]["email_configs"]
    assert (mail["auth_username"], mail["auth_password_file"]) == ("alerts", "/etc/alertmanager/secrets/kps-receivers/mail")


def test_alerts_of_one_server_come_in_one_message() -> None:
    assert alertmanager(RECEIVERS)["config"]["route"]["group_by"] == ["namespace", "server", "alertname"]
