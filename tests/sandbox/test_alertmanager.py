"""Alertmanager in the sandbox: what the chart would make of a stack's receivers, and what a process runs on of that."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import monitoring
from headroom.paths import Clone
from headroom.sandbox import platform
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring import alertmanager, chart
from headroom.settings.platform import Platform

DIRECTORY = Path("/clone/alertmanager")
RECEIVERS = {"desk": {"webhook": {"url": "desk"}}}


def stack(**settings: Any) -> Platform:
    return Platform.model_validate({"monitoring": settings})


def values(**settings: Any) -> dict[str, Any]:
    return monitoring.values(stack(**settings), KWOK)


def stateful_set(*arguments: str) -> dict[str, Any]:
    mounts = [
        {"name": "config", "mountPath": "/etc/alertmanager/config"},
        {"name": "told", "mountPath": "/etc/alertmanager/secrets/kps-told"},
    ]
    volumes = [{"name": "config", "secret": {"secretName": "generated"}}, {"name": "told", "secret": {"secretName": "kps-told"}}]
    containers = [{"name": "config-reloader"}, {"name": "alertmanager", "args": list(arguments), "volumeMounts": mounts}]
    return {"spec": {"template": {"spec": {"containers": containers, "volumes": volumes}}}}


def test_it_runs_where_a_stack_names_receivers() -> None:
    assert "alertmanager" in platform.tools(stack(receivers=RECEIVERS))
    assert "alertmanager" not in platform.tools(stack())


def test_prometheus_tells_it_under_the_name_of_the_release() -> None:
    rendered = values(release="kps", receivers=RECEIVERS)
    prometheus = chart.prometheus_object(rendered, "kps", "monitoring", Layout(Clone(Path("/clone"))), alerted=True)
    (told,) = prometheus["spec"]["alerting"]["alertmanagers"]
    service = next(item for item in chart.alertmanager_objects(rendered, "monitoring", "10.0.0.1", 9093) if item["kind"] == "Service")
    assert (told["name"], told["namespace"]) == ("kps-alertmanager", "monitoring") == tuple(service["metadata"].values())
    assert told["port"] in [port["name"] for port in service["spec"]["ports"]]


def test_its_configuration_is_that_of_the_values_and_lies_where_the_operator_looks() -> None:
    rendered = values(release="kps", receivers=RECEIVERS)
    found = {item["kind"]: item for item in chart.alertmanager_objects(rendered, "monitoring", "10.0.0.1", 9093)}
    assert found["Secret"]["metadata"]["name"] == f"alertmanager-{found['Alertmanager']['metadata']['name']}"
    assert json.loads(found["Secret"]["stringData"]["alertmanager.yaml"]) == rendered["alertmanager"]["config"]
    assert found["Alertmanager"]["spec"]["secrets"] == ["kps-receivers"]


def test_a_secret_is_read_where_it_is_written() -> None:
    text = "url_file: /etc/alertmanager/secrets/kps-told/desk\n"
    generated = {"data": {"alertmanager.yaml.gz": base64.b64encode(gzip.compress(text.encode())).decode()}}
    secret = {"metadata": {"name": "kps-told"}, "data": {"desk": base64.b64encode(b"http://a.b").decode()}}
    assert alertmanager.mounted(stateful_set()) == ["kps-told"]
    assert alertmanager.files(generated, [secret], DIRECTORY) == {
        DIRECTORY / "alertmanager.yaml": f"url_file: {DIRECTORY}/secrets/kps-told/desk\n",
        DIRECTORY / "secrets/kps-told/desk": "http://a.b",
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("--config.file=/etc/alertmanager/config_out/alertmanager.env.yaml", f"--config.file={DIRECTORY}/alertmanager.yaml"),
        ("--storage.path=/alertmanager", f"--storage.path={DIRECTORY}/data"),
        ("--data.retention=120h", "--data.retention=120h"),
    ],
)
def test_paths_of_the_pod_become_paths_of_the_sandbox(given: str, kept: str) -> None:
    assert kept in alertmanager.arguments(stateful_set(given), DIRECTORY)


def test_one_process_has_no_peers() -> None:
    peers = ("--cluster.listen-address=[$(POD_IP)]:9094", "--cluster.peer=alertmanager-kps-0.alertmanager-operated:9094")
    assert alertmanager.arguments(stateful_set(*peers), DIRECTORY) == ["--cluster.listen-address="]
