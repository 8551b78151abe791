"""A Prometheus that does not answer everybody: what KEDA and prometheus-adapter show it, and where the secrets of that are."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.catalog.charts.contract import deviations
from headroom.catalog.charts.tree import facts
from headroom.catalog.distributions import OTHER
from headroom.desired import render
from headroom.desired.platform import add_ons, prometheus_adapter
from headroom.desired.platform.addon import DesiredAddOn
from headroom.desired.render import DesiredServer
from headroom.settings import Stack
from headroom.settings.platform import Platform
from tests.desired.monitored import CA, stack

ROOT = Path(__file__).resolve().parents[2]
URL = "https://metrics.example.com:8443/prometheus"
TOKEN = {"token": "prometheus"}
BASIC = {"user": "headroom", "password": "prometheus"}
TENANT = {"headers": {"X-Scope-OrgID": "speech", "X-Team": "a"}}


def closed(directory: Path, access: dict[str, Any], **rest: Any) -> Stack:
    return stack(directory, {"url": URL, "access": access}, credentials=["prometheus"], prometheusAdapter="helm", **rest)


def scaled(ours: Stack, name: str = "by-keda") -> DesiredServer:
    return next(server for server in render(ours).servers if server.name == name)


def trigger(ours: Stack) -> dict[str, Any]:
    return scaled(ours).objects["autoscaler"]["spec"]["triggers"][0]


def adapter(ours: Stack) -> DesiredAddOn:
    return add_ons(ours)["prometheusAdapter"]


def parameters(ours: Stack) -> dict[str, str]:
    """What KEDA reads, by parameter, from the Secret that its TriggerAuthentication names."""
    server = scaled(ours)
    authentication, secret = server.objects["prometheus-authentication"], server.objects["prometheus-secret"]
    assert trigger(ours)["authenticationRef"] == {"name": authentication["metadata"]["name"]}
    references = authentication["spec"]["secretTargetRef"]
    assert {reference["name"] for reference in references} == {secret["metadata"]["name"]}
    return {reference["parameter"]: secret["stringData"][reference["key"]] for reference in references}


def kubeconfig(ours: Stack) -> dict[str, Any]:
    """What the adapter reads, by way of the mount in its values."""
    found = adapter(ours)
    values = found.releases[0].values
    (volume,), (mount,) = values["extraVolumes"], values["extraVolumeMounts"]
    assert volume["secret"]["secretName"] == found.objects["access"]["metadata"]["name"]
    flag = next(argument for argument in values["extraArguments"] if argument.startswith("--prometheus-auth-config="))
    directory, _, key = flag.partition("=")[2].rpartition("/")
    assert (directory, volume["name"]) == (mount["mountPath"], mount["name"])
    return json.loads(found.objects["access"]["stringData"][key])


def test_a_bearer_token_reaches_keda(tmp_path: Path) -> None:
    ours = closed(tmp_path, TOKEN)
    assert trigger(ours)["metadata"]["authModes"] == "bearer"
    assert parameters(ours) == {"bearerToken": "<credentials.prometheus>"}


def test_a_user_and_a_password_reach_keda(tmp_path: Path) -> None:
    ours = closed(tmp_path, BASIC)
    assert trigger(ours)["metadata"]["authModes"] == "basic"
    assert parameters(ours) == {"password": "<credentials.prometheus>", "username": "headroom"}


@pytest.mark.parametrize("login", [TOKEN, BASIC])
def test_an_authority_reaches_keda_beside_a_login(tmp_path: Path, login: dict[str, str]) -> None:
    assert parameters(closed(tmp_path, {**login, "ca": CA}))["ca"] == CA


def test_an_authority_alone_reaches_keda_beside_a_header_that_says_nothing(tmp_path: Path) -> None:
    """Without any mode of authentication KEDA does not look at a CA."""
    ours = closed(tmp_path, {"ca": CA})
    assert trigger(ours)["metadata"]["authModes"] == "custom"
    assert parameters(ours) == {"customAuthHeader": "Accept", "customAuthValue": "application/json", "ca": CA}


def test_headers_reach_keda_in_the_trigger(tmp_path: Path) -> None:
    assert trigger(closed(tmp_path, TENANT))["metadata"]["customHeaders"] == "X-Scope-OrgID=speech,X-Team=a"


def test_headers_alone_need_no_secret(tmp_path: Path) -> None:
    ours = closed(tmp_path, TENANT)
    assert "authenticationRef" not in trigger(ours)
    assert "prometheus-secret" not in scaled(ours).objects


@pytest.mark.parametrize("login", [TOKEN, BASIC])
def test_kedas_secret_is_filled_from_the_credential(tmp_path: Path, login: dict[str, str]) -> None:
    (use,) = scaled(closed(tmp_path, login)).credentials["prometheus-secret"].values()
    assert use.credential == "prometheus"


def test_a_server_of_backend_hpa_has_nothing_of_it(tmp_path: Path) -> None:
    assert not {"prometheus-secret", "prometheus-authentication"} & scaled(closed(tmp_path, TOKEN), "by-hpa").objects.keys()


def test_a_prometheus_that_answers_everybody_is_shown_nothing(tmp_path: Path) -> None:
    ours = closed(tmp_path, {})
    assert not {"authModes", "customHeaders"} & trigger(ours)["metadata"].keys()
    assert (adapter(ours).objects, "extraVolumes" in adapter(ours).releases[0].values) == ({}, False)


def test_the_adapter_asks_at_the_address(tmp_path: Path) -> None:
    """The chart puts the three together, and leaves a port of 0 out."""
    prometheus = adapter(closed(tmp_path, {})).releases[0].values["prometheus"]
    assert prometheus == {"url": "https://metrics.example.com", "port": 8443, "path": "/prometheus"}


def test_an_address_without_a_port_reaches_the_adapter_without_one(tmp_path: Path) -> None:
    ours = stack(tmp_path, {"url": "https://metrics.example.com"}, prometheusAdapter="helm")
    assert adapter(ours).releases[0].values["prometheus"] == {"url": "https://metrics.example.com", "port": 0, "path": ""}


def test_headers_reach_the_adapter_as_arguments(tmp_path: Path) -> None:
    arguments = adapter(closed(tmp_path, TENANT)).releases[0].values["extraArguments"]
    assert arguments[1:] == ["--prometheus-header=X-Scope-OrgID=speech", "--prometheus-header=X-Team=a"]


def test_the_adapter_reads_a_token_from_its_file_again_and_again(tmp_path: Path) -> None:
    ours = closed(tmp_path, TOKEN)
    assert kubeconfig(ours)["users"][0]["user"] == {"tokenFile": "token"}
    assert adapter(ours).objects["access"]["stringData"]["token"] == "<credentials.prometheus>"
    assert adapter(ours).credentials["access"]["token"].credential == "prometheus"


def test_a_password_is_filled_into_the_adapters_kubeconfig(tmp_path: Path) -> None:
    ours = closed(tmp_path, BASIC)
    assert kubeconfig(ours)["users"][0]["user"] == {"username": "headroom", "password": "<credentials.prometheus>"}
    use = adapter(ours).credentials["access"]["kubeconfig"]
    assert (use.credential, use.form, json.loads(use.document)) == ("prometheus", "within", kubeconfig(ours))


@pytest.mark.parametrize("login", [TOKEN, BASIC, {}], ids=["token", "basic", "alone"])
def test_an_authority_reaches_the_adapter(tmp_path: Path, login: dict[str, str]) -> None:
    cluster = kubeconfig(closed(tmp_path, {**login, "ca": CA}))["clusters"][0]["cluster"]
    assert base64.b64decode(cluster["certificate-authority-data"]).decode() == CA


def test_another_authority_rolls_the_adapter(tmp_path: Path) -> None:
    """It reads its kubeconfig once: a new name in its pod template is a new pod."""
    one, other = closed(tmp_path, {**TOKEN, "ca": CA}), closed(tmp_path, TOKEN)
    assert adapter(one).objects["access"]["metadata"]["name"] != adapter(other).objects["access"]["metadata"]["name"]


@pytest.mark.parametrize("login", [TOKEN, BASIC], ids=["token", "basic"])
def test_the_chart_of_the_adapter_has_what_it_is_given(tmp_path: Path, login: dict[str, str]) -> None:
    given = adapter(closed(tmp_path, {**login, **TENANT, "ca": CA})).releases[0].values
    assert list(deviations(given, facts("prometheus-adapter").values)) == []


def test_an_adapter_that_is_there_is_left_alone(tmp_path: Path) -> None:
    ours = stack(tmp_path, {"url": URL, "access": TOKEN}, credentials=["prometheus"], prometheusAdapter="existing")
    assert (adapter(ours).releases, adapter(ours).objects) == ((), {})


def test_the_page_gives_an_existing_adapter_the_same_rules() -> None:
    page = (ROOT / "docs" / "platform.md").read_text()
    (shown,) = [block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "seriesQuery" in block]
    rendered = prometheus_adapter.values(Platform(), OTHER)["rules"]["custom"]
    assert yaml.safe_load(shown) == {"rules": {"custom": rendered}}
