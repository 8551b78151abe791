"""Monitoring in a stack file: what belongs to which mode, and the credentials that must be there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.desired.monitored import CA, text
from tests.settings.stack_files import GOOD, accepted, changed, problems

URL = "https://metrics.example.com"
MONITORING = "platform.monitoring"


def refused(directory: Path, monitoring: dict[str, Any], **rest: Any) -> dict[str, str]:
    return problems(directory, text(monitoring, **rest))


def test_the_password_of_grafana_must_be_a_credential(tmp_path: Path) -> None:
    assert refused(tmp_path, {"mode": "helm"}) == {
        "credentials.grafana-admin": "is required by platform.monitoring.grafana.password: set it with `pulumi config set --secret --path "
        "headroom:credentials.grafana-admin`, or write grafana: none; there is no default password"
    }


@pytest.mark.parametrize(
    "monitoring", [{"mode": "helm", "grafana": "none"}, {"mode": "existing"}, {"mode": "helm", "grafana": {"password": "other"}}]
)
def test_where_grafana_is_not_installed_or_has_another_credential_it_needs_none(tmp_path: Path, monitoring: dict[str, Any]) -> None:
    accepted(tmp_path, text(monitoring, credentials=["other"]))


@pytest.mark.parametrize(
    ("way", "path"),
    [
        ({"slack": {"url": "hook"}}, "slack.url"),
        ({"pagerduty": {"routingKey": "hook"}}, "pagerduty.routingKey"),
        ({"webhook": {"url": "hook"}}, "webhook.url"),
        (
            {"email": {"to": "a@b.c", "sender": "a@b.c", "smarthost": "b.c:25", "user": "a", "password": "hook"}},
            "email.password",
        ),
    ],
)
def test_the_secret_of_a_receiver_must_be_a_credential(tmp_path: Path, way: dict[str, Any], path: str) -> None:
    found = refused(tmp_path, {"mode": "helm", "grafana": "none", "receivers": {"chat": way}})
    assert found["credentials.hook"].startswith(f"is required by platform.monitoring.receivers.chat.{path}: set it with")


@pytest.mark.parametrize("access", [{"token": "secret"}, {"user": "a", "password": "secret"}])
def test_the_secret_of_an_access_must_be_a_credential(tmp_path: Path, access: dict[str, str]) -> None:
    assert "credentials.secret" in refused(tmp_path, {"url": URL, "access": access})


@pytest.mark.parametrize(
    ("monitoring", "path", "message"),
    [
        ({"mode": "helm", "url": URL}, MONITORING, "set mode: existing, or leave url out"),
        ({"access": {"headers": {"X-Scope-OrgID": "a"}}}, MONITORING, "give url, or leave access out"),
        ({"url": "http://a.b", "access": {"ca": CA}}, MONITORING, "there is no certificate to check"),
        ({"receivers": {"desk": {"webhook": {"url": "a"}}}}, f"{MONITORING}.receivers", "by their label severity"),
        ({"mode": "helm", "receivers": {"null": {"webhook": {"url": "a"}}}}, MONITORING, "choose another name"),
        ({"release": "a" * 27}, f"{MONITORING}.release", "must have at most 26 characters"),
        ({"url": "metrics.example.com"}, f"{MONITORING}.url", "such as https://thanos.example.com/team"),
        ({"url": "https://user:word@example.com"}, f"{MONITORING}.url", "such as https://thanos.example.com/team"),
        ({"url": f"{URL}/"}, f"{MONITORING}.url", "without a slash at its end"),
        ({"url": f"{URL}/{{{{ .Values }}}}"}, f"{MONITORING}.url", "such as https://thanos.example.com/team"),
        ({"url": URL, "access": {"token": "a", "user": "a", "password": "a"}}, f"{MONITORING}.access", "leave one out"),
        ({"url": URL, "access": {"user": "a"}}, f"{MONITORING}.access", "give both, or neither"),
        ({"url": URL, "access": {"ca": "PEM"}}, f"{MONITORING}.access.ca", "must be certificates in PEM form"),
        ({"url": URL, "access": {"headers": {"X-A": "a,b=c"}}}, f"{MONITORING}.access.headers.X-A", "must be letters, digits and"),
        ({"url": URL, "access": {"headers": {"A b": "a"}}}, f"{MONITORING}.access.headers.A b", "must be the name of an HTTP header"),
        (
            {"url": URL, "access": {"headers": {"authorization": "a"}}},
            f"{MONITORING}.access.headers.authorization",
            "name a credential as token or password",
        ),
        ({"mode": "helm", "retention": "10"}, f"{MONITORING}.retention", "must be a number and a unit"),
        ({"mode": "helm", "receivers": {"a": {}}}, f"{MONITORING}.receivers.a", "give exactly one of"),
        (
            {"mode": "helm", "receivers": {"a": {"webhook": {"url": "a"}, "slack": {"url": "a"}}}},
            f"{MONITORING}.receivers.a",
            "give exactly one of",
        ),
        (
            {"mode": "helm", "receivers": {"a": {"webhook": {"url": "a"}, "severities": []}}},
            f"{MONITORING}.receivers.a.severities",
            "empty",
        ),
        (
            {"mode": "helm", "receivers": {"a": {"email": {"to": "a@b.c", "sender": "a@b.c", "smarthost": "b.c"}}}},
            f"{MONITORING}.receivers.a.email.smarthost",
            "must be a host and its port",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_remedy(tmp_path: Path, monitoring: dict[str, Any], path: str, message: str) -> None:
    assert message in refused(tmp_path, monitoring, credentials=["a", "grafana-admin"])[path]


def test_an_adapter_without_a_prometheus_is_refused(tmp_path: Path) -> None:
    found = refused(tmp_path, {"mode": "none"}, prometheusAdapter="helm")
    assert found["platform.prometheusAdapter"].startswith("it would ask a Prometheus that platform.monitoring says is not there")


def test_the_sandbox_has_a_prometheus_of_its_own(tmp_path: Path) -> None:
    found = problems(tmp_path, changed(("headroom:platform/monitoring", {"url": URL}), text=GOOD))
    assert found["platform.monitoring.url"] == "the sandbox runs a Prometheus of its own, and leads to it by itself: leave url out"


def test_the_sandbox_has_an_alertmanager_of_its_own(tmp_path: Path) -> None:
    receivers = {"desk": {"webhook": {"url": "desk"}}}
    found = problems(tmp_path, changed(("headroom:platform/monitoring", {"receivers": receivers}), text=GOOD))
    assert set(found) == {"credentials.desk"}


def test_no_message_repeats_what_may_be_a_secret(tmp_path: Path) -> None:
    found = refused(
        tmp_path, {"url": "https://user:sesame@example.com", "access": {"headers": {"Authorization": "sesame"}, "ca": "sesame"}}
    )
    assert found
    assert "sesame" not in repr(found)
