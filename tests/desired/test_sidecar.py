"""A program beside an engine: there when it is asked for, with its files, and with no more rights than it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headroom.desired.objects import Object
from tests.desired.stacks import container, server_of

IMAGE = "pytorch/torchserve:0.12.0-gpu"


def objects(directory: Path, **options: Any) -> dict[str, Object]:
    autoscaling = {"backend": "hpa", "replicas": {"max": 4}, "signals": {"queue-length": 2}}
    return server_of(directory, "torchserve", IMAGE, model="tiny", models="s3://bucket/models", options=options, autoscaling=autoscaling)


def spec(made: dict[str, Object]) -> Object:
    return made["workload"]["spec"]["template"]["spec"]


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Object]:
    return objects(tmp_path, scaleWorkers=True, workers=2, maxWorkers=5)


@pytest.fixture
def sidecar(made: dict[str, Object]) -> Object:
    (only,) = spec(made)["initContainers"]
    return only


def test_there_is_none_unless_it_is_asked_for(tmp_path: Path) -> None:
    made = objects(tmp_path)
    assert "initContainers" not in spec(made)
    assert not made.keys() & {"sidecar", "role", "role-binding"}


def test_it_starts_before_the_engine_and_ends_after_it(sidecar: Object) -> None:
    assert (sidecar["name"], sidecar["restartPolicy"]) == ("worker-scaler", "Always")


def test_it_is_told_the_servers_options_and_its_pod(sidecar: Object) -> None:
    told = {entry["name"]: entry.get("value") or entry["valueFrom"]["fieldRef"]["fieldPath"] for entry in sidecar["env"]}
    said = ("SCALER_MODEL", "SCALER_MIN_WORKERS", "SCALER_MAX_WORKERS", "POD_NAME", "POD_NAMESPACE")
    assert [told[name] for name in said] == ["tiny", "2", "5", "metadata.name", "metadata.namespace"]


def test_it_alone_has_the_service_accounts_token(made: dict[str, Object], sidecar: Object) -> None:
    assert spec(made)["automountServiceAccountToken"] is False
    assert "token" in {mount["name"] for mount in sidecar["volumeMounts"]}
    assert "token" not in {mount["name"] for mount in container(made["workload"])["volumeMounts"]}


def test_it_may_look_at_pods_and_resize_them_and_nothing_else(made: dict[str, Object]) -> None:
    allowed = {(resource, verb) for rule in made["role"]["rules"] for resource in rule["resources"] for verb in rule["verbs"]}
    assert allowed == {("pods", "get"), ("pods/resize", "patch")}
    (subject,) = made["role-binding"]["subjects"]
    assert (subject["kind"], subject["name"]) == ("ServiceAccount", made["identity"]["metadata"]["name"])


def test_the_engines_memory_changes_without_a_restart(made: dict[str, Object]) -> None:
    assert container(made["workload"])["resizePolicy"] == [{"resourceName": "memory", "restartPolicy": "NotRequired"}]


def test_nobody_but_the_pod_reaches_the_management_api(made: dict[str, Object]) -> None:
    (properties,) = (text for key, text in made["configuration"]["data"].items() if key.endswith("config.properties"))
    assert "management_address=http://127.0.0.1:8081" in properties.splitlines()
    allowed = {port["port"] for rule in made["guard"]["spec"]["ingress"] for port in rule["ports"]}
    exposed = {port["port"] for port in made["service"]["spec"]["ports"]}
    assert 8081 not in allowed | exposed


def test_its_files_are_a_program_that_needs_nothing_else(made: dict[str, Object], sidecar: Object, tmp_path: Path) -> None:
    volume = next(volume for volume in spec(made)["volumes"] if volume["name"] == "worker-scaler")
    assert volume["configMap"]["name"] == made["sidecar"]["metadata"]["name"]
    for item in volume["configMap"]["items"]:
        (tmp_path / item["path"]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / item["path"]).write_text(made["sidecar"]["data"][item["key"]])
    command = [sys.executable, "-S", "-P", *sidecar["command"][1:]]
    run = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=30)
    assert (run.returncode, run.stderr) == (2, "the variable SCALER_MODEL is not set\n")
