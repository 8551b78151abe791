"""The login of a mirror reaches every Secret that pods pull with, and is secret on its way there."""

from __future__ import annotations

import json

import pytest

from components.credentials import value
from headroom.desired.serving import CredentialUse
from tests.components.program import Run, run_program, stack_config

PASSWORD = "mirror-password-not-to-be-seen"


@pytest.fixture
def mirrored() -> Run:
    """A stack with a warm pool, a server and an add-on of its own, all from a mirror."""
    config = stack_config("local")
    config["headroom:pools"]["l4"]["warm"] = 1
    config["headroom:platform"] |= {
        "metricsServer": "helm",
        "images": {"registry": "registry.example.com/mirror", "login": {"user": "robot", "password": "mirror"}},
    }
    config["headroom:credentials"] = {"mirror": PASSWORD}
    return run_program("local", config, secrets=("headroom:credentials",))


def test_the_login_names_the_mirrors_host_and_its_user() -> None:
    use = CredentialUse("mirror", "registry-login", "registry.example.com", "robot")
    login = json.loads(value(use, {"mirror": PASSWORD}))["auths"]["registry.example.com"]
    assert (login["username"], login["password"]) == ("robot", PASSWORD)


@pytest.mark.parametrize("name", ["demo-secret-pull", "warm-pools-pull", "metricsServer-pull-metrics-server"])
def test_servers_warm_pools_and_add_ons_have_a_secret_of_their_own(mirrored: Run, name: str) -> None:
    secret = mirrored.one("kubernetes:core/v1:Secret", name)
    assert secret.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert secret.inputs["stringData"] == "[secret]"


def test_the_password_is_nowhere_else(mirrored: Run) -> None:
    assert PASSWORD not in repr(mirrored)


def test_a_release_waits_for_the_secret_that_its_pods_pull_with(mirrored: Run) -> None:
    release = mirrored.one("kubernetes:helm.sh/v3:Release", "metricsServer-metrics-server")
    assert "metricsServer-pull-metrics-server" in release.dependencies
    assert release.inputs["values"]["imagePullSecrets"] == [{"name": "metrics-server-pull"}]
