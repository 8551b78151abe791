"""Credentials reach the Secrets that engines read, under the engines' own keys, and stay secret on the way."""

import base64
import json
from typing import Any

import pytest

from components.credentials import filled_in, value
from headroom.desired.serving import CredentialUse
from tests.components.program import Refused, Run, run_program, stack_config

KEY = "nvapi-not-to-be-seen"


def run(credentials: dict[str, Any]) -> Run:
    """A stack with one NIM server."""
    config = stack_config("local")
    server = config["headroom:servers"].pop("demo")
    config["headroom:servers"]["llama"] = {
        "engine": "nim",
        "image": "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3",
        "pool": server["pool"],
        "resources": server["resources"],
        "autoscaling": {**server["autoscaling"], "signals": {"requests-waiting": 2}},
    }
    config["headroom:credentials"] = credentials
    return run_program("local", config, secrets=("headroom:credentials",))


@pytest.fixture
def nim() -> Run:
    return run({"ngc": KEY})


@pytest.mark.parametrize("suffix", ["ngc-api", "pull"])
def test_a_value_is_secret_on_its_way_to_the_cluster(nim: Run, suffix: str) -> None:
    assert nim.one("kubernetes:core/v1:Secret", f"llama-secret-{suffix}").inputs["stringData"] == "[secret]"


def test_a_key_has_the_name_that_the_engine_reads() -> None:
    filled = filled_in({"stringData": {"NGC_API_KEY": "<credentials.ngc>"}}, {"NGC_API_KEY": CredentialUse("ngc")})
    assert list(filled["stringData"]) == ["NGC_API_KEY"]


def test_the_registry_gets_a_login_of_the_same_key() -> None:
    login = json.loads(value(CredentialUse("ngc", "registry-login", "nvcr.io"), {"ngc": KEY}))
    auth = base64.b64encode(f"$oauthtoken:{KEY}".encode()).decode()
    assert login == {"auths": {"nvcr.io": {"username": "$oauthtoken", "password": KEY, "auth": auth}}}


def test_a_value_stands_within_a_document_as_the_document_writes_text() -> None:
    use = CredentialUse("prometheus", "within", document=json.dumps({"user": "a", "password": "<credentials.prometheus>"}))
    assert json.loads(value(use, {"prometheus": 'a "quoted" word'})) == {"user": "a", "password": 'a "quoted" word'}


def test_what_is_no_secret_stays_beside_what_is() -> None:
    filled = filled_in({"stringData": {"username": "a", "password": "<credentials.ngc>"}}, {"password": CredentialUse("ngc")})
    assert filled["stringData"]["username"] == "a"


def test_pods_wait_for_the_secrets_that_they_read(nim: Run) -> None:
    workload = nim.one("kubernetes:apps/v1:Deployment", "llama-workload")
    assert {"llama-secret-ngc-api", "llama-secret-pull"} <= set(workload.dependencies)


def test_the_value_is_nowhere_else(nim: Run) -> None:
    assert KEY not in repr(nim)


def test_a_missing_credential_is_refused_with_how_to_set_it() -> None:
    with pytest.raises(Refused, match=r"credentials\.ngc: is required by servers\.llama.*NGC_API_KEY.*--path headroom:credentials\.ngc"):
        run({})


@pytest.fixture
def installed() -> Run:
    """The stack `local` with monitoring installed by the program."""
    config = stack_config("local")
    config["headroom:platform"]["monitoring"] = {"mode": "helm"}
    config["headroom:credentials"] = {"grafana-admin": KEY}
    return run_program("local", config, secrets=("headroom:credentials",))


def test_the_password_of_grafana_is_a_secret_that_its_release_waits_for(installed: Run) -> None:
    secret = installed.one("kubernetes:core/v1:Secret", "monitoring-grafana-admin")
    assert secret.inputs["stringData"] == "[secret]"
    assert secret.name in installed.one("kubernetes:helm.sh/v3:Release", "monitoring-monitoring").dependencies


def test_definitions_are_there_before_what_uses_them(installed: Run) -> None:
    definitions = installed.one("kubernetes:helm.sh/v3:Release", "monitoring-monitoring-crds")
    assert definitions.name in installed.one("kubernetes:helm.sh/v3:Release", "monitoring-monitoring").dependencies


def test_the_password_of_grafana_is_nowhere_else(installed: Run) -> None:
    assert KEY not in repr(installed)
