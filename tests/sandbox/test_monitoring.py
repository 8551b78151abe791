"""The platform of a running sandbox: from an object of the cluster to the answer of the custom metrics API, and mended when killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import httpx
import pytest

from headroom.sandbox import Sandbox
from headroom.tools import require
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

PLATFORM = ("kube-state-metrics", "prometheus", "prometheus-adapter", "prometheus-operator", "reloader")
CUSTOM_METRICS = "/apis/custom.metrics.k8s.io/v1beta1"


def kubectl(sandbox: Sandbox, *arguments: str, given: Any = None) -> str:
    """What it prints; empty when it fails."""
    command = [require("kubectl")["kubectl"], f"--kubeconfig={sandbox.kubeconfig}", *arguments]
    return subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False).stdout


def recording(name: str, expression: str) -> dict[str, Any]:
    """A rule that records a series of the pod `probe`, as a server's rules do."""
    rule = {"record": f"headroom:{name}:pod", "expr": expression, "labels": {"namespace": "default", "pod": "probe"}}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": name.replace("_", "-"), "namespace": "default"},
        "spec": {"groups": [{"name": name, "interval": "1s", "rules": [rule]}]},
    }


def value(sandbox: Sandbox, name: str) -> str | None:
    """What the HPA would be told of the pod `probe`."""
    answer = kubectl(sandbox, "get", "--raw", f"{CUSTOM_METRICS}/namespaces/default/pods/probe/headroom:{name}:pod")
    return json.loads(answer)["items"][0]["value"] if answer else None


def quiet(_: str) -> None: ...


def test_the_platform_is_healthy_after_up(sandbox: Sandbox) -> None:
    states = {process.name: process.state for process in sandbox.status().processes}
    assert {name: states.get(name) for name in PLATFORM} == dict.fromkeys(PLATFORM, "healthy")


def test_a_recorded_series_is_served_as_a_custom_metric(sandbox: Sandbox) -> None:
    kubectl(sandbox, "apply", "--filename=-", given=recording("served_units", "vector(5)"))
    assert eventually(lambda: value(sandbox, "served_units") == "5")


def test_a_changed_rule_changes_what_is_served(sandbox: Sandbox) -> None:
    kubectl(sandbox, "apply", "--filename=-", given=recording("changed_units", "vector(5)"))
    assert eventually(lambda: value(sandbox, "changed_units") == "5")
    kubectl(sandbox, "apply", "--filename=-", given=recording("changed_units", "vector(7)"))
    assert eventually(lambda: value(sandbox, "changed_units") == "7")


def test_a_deleted_rule_is_no_longer_evaluated(sandbox: Sandbox) -> None:
    def evaluated() -> bool:
        return "passing_units" in httpx.get(f"{sandbox.url('prometheus')}/api/v1/rules", trust_env=False).text

    kubectl(sandbox, "apply", "--filename=-", given=recording("passing_units", "vector(1)"))
    assert eventually(evaluated)
    kubectl(sandbox, "delete", "prometheusrule", "passing-units")
    assert eventually(lambda: not evaluated())


def test_prometheus_runs_at_the_periods_of_the_stack(sandbox: Sandbox) -> None:
    configuration = httpx.get(f"{sandbox.url('prometheus')}/api/v1/status/config", trust_env=False, timeout=30).json()["data"]["yaml"]
    assert "scrape_interval: 1s\n" in configuration
    assert "evaluation_interval: 1s\n" in configuration


@pytest.mark.parametrize(
    ("user", "verb", "what"),
    [
        ("headroom:prometheus", "list", "secrets"),
        ("headroom:prometheus-adapter", "list", "secrets"),
        ("headroom:prometheus-adapter", "delete", "pods"),
        ("headroom:prometheus-operator", "create", "deployments.apps"),
        ("headroom:kwok", "delete", "nodes"),
    ],
)
def test_a_process_may_not_do_what_it_need_not(sandbox: Sandbox, user: str, verb: str, what: str) -> None:
    assert kubectl(sandbox, "auth", "can-i", verb, what, "--all-namespaces", f"--as={user}").strip() == "no"


@pytest.mark.parametrize("names", [["prometheus", "prometheus-adapter"], ["prometheus-operator", "reloader"]], ids="-and-".join)
def test_what_is_killed_of_the_platform_is_mended_by_up(sandbox: Sandbox, names: list[str]) -> None:
    pids = [process.pid for process in sandbox.status().processes if process.name in names]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: [process.name for process in sandbox.status().processes if process.state == "dead"] == names)
    sandbox.up(report=quiet)
    assert eventually(lambda: sandbox.status().state == "healthy")


def test_the_chain_holds_after_the_namespace_was_lost(sandbox: Sandbox) -> None:
    kubectl(sandbox, "apply", "--filename=-", given=recording("lasting_units", "vector(3)"))
    pid = next(process.pid for process in sandbox.status().processes if process.name == "namespace")
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: sandbox.status().state == "unhealthy")
    sandbox.up(report=quiet)
    assert eventually(lambda: value(sandbox, "lasting_units") == "3")
