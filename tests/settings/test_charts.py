"""What a stack says of charts and of images is judged before anything is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.settings.chart_needs import OVERRIDDEN
from headroom.settings.platform import Platform
from tests.evidence import Proof
from tests.settings.stack_files import accepted, changed, problems

PLATFORM = "headroom:platform"


def refusals(directory: Path, platform: dict[str, Any]) -> dict[str, str]:
    return problems(directory, changed((PLATFORM, platform)))


@pytest.mark.proves("overrides are held to what the chart has", Proof.SCHEMA)
def test_a_misspelt_override_is_named_with_the_right_key(tmp_path: Path) -> None:
    wrong = {"metricsServer": {"mode": "helm", "overrides": {"replica": 2}}}
    said = {"platform.metricsServer.overrides.replica": "is not a value of the chart: did you mean replicas? (metrics-server 3.13.1)"}
    assert refusals(tmp_path, wrong) == said


def test_an_override_of_another_type_is_named_with_the_right_one(tmp_path: Path) -> None:
    wrong = {"keda": {"mode": "helm", "overrides": {"http": {"timeout": "3s"}}}}
    assert refusals(tmp_path, wrong) == {"platform.keda.overrides.http.timeout": "must be a whole number, and is text (keda 2.20.2)"}


def test_every_wrong_override_is_named_at_once(tmp_path: Path) -> None:
    wrong = {
        "keda": {"mode": "helm", "overrides": {"operater": {}, "metricServer": {}}},
        "metricsServer": {"mode": "helm", "overrides": {"replica": 2}},
    }
    assert len(refusals(tmp_path, wrong)) == 3


def test_right_overrides_pass(tmp_path: Path) -> None:
    overrides = {"resources": {"requests": {"cpu": "100m", "whatever": 1}}, "replicas": 2, "tolerations": None}
    platform = accepted(tmp_path, changed((PLATFORM, {"metricsServer": {"mode": "helm", "overrides": overrides}}))).platform
    assert platform.metrics_server.overrides == overrides


def test_every_add_on_has_its_chart() -> None:
    assert set(OVERRIDDEN) == set(Platform().add_ons)


@pytest.mark.parametrize("registry", ["https://registry.example.com", "registry", "registry.example.com/", "Registry.example.com"])
def test_a_mirror_is_a_registry_without_a_scheme(tmp_path: Path, registry: str) -> None:
    said = "must be a registry, and a path in it, such as registry.example.com/mirror, without a scheme"
    assert refusals(tmp_path, {"images": {"registry": registry}}) == {"platform.images.registry": said}


@pytest.mark.parametrize("registry", ["registry.example.com", "localhost:5000", "10.0.0.1:5000/a/b-c", "registry.example.com/mirror"])
def test_a_mirror_may_have_a_port_and_a_path(tmp_path: Path, registry: str) -> None:
    assert accepted(tmp_path, changed((PLATFORM, {"images": {"registry": registry}}))).platform.images.registry == registry


LOGIN = {"user": "robot", "password": "mirror"}


def test_a_login_without_a_mirror_is_refused(tmp_path: Path) -> None:
    said = "login is for a mirror, and none is named: give registry, or leave login out"
    assert refusals(tmp_path, {"images": {"login": LOGIN}}) == {"platform.images": said}


def test_a_login_whose_password_is_not_there_is_refused_with_the_command_that_sets_it(tmp_path: Path) -> None:
    said = refusals(tmp_path, {"images": {"registry": "registry.example.com", "login": LOGIN}})
    assert said["credentials.mirror"].startswith("is required by platform.images.login.password: set it with `pulumi config set --secret")
