"""A stack as a whole in the sandbox: its dashboards find series, its alerts are silent until they must not be and then reach who is to be
told, its warm pool gives way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from components.credentials import value
from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.paths import Clone
from headroom.sandbox import Sandbox
from headroom.settings import load
from headroom.tools import require
from tests.evidence import Proof
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

NAMESPACE = "observed"
POOL = "observed"
STACK = f"""\
config:
  headroom:cluster: {{provider: kwok}}
  headroom:namespace: {NAMESPACE}
  headroom:pools:
    {POOL}: {{machine: g6.2xlarge, max: 3, warm: 2}}
  headroom:platform:
    monitoring:
      scrapeInterval: 1s
      window: 4s
      receivers:
        desk: {{webhook: {{url: desk}}, severities: [critical]}}
    keda: none
    metricsServer: none
  headroom:credentials: {{desk: {{secure: encrypted}}}}
  headroom:servers:
    demo:
      engine: triton
      image: nvcr.io/nvidia/tritonserver:25.06-py3
      pool: {POOL}
      models: models
      resources: {{cpu: "1", memory: 2Gi}}
      drain: 1s
      autoscaling:
        backend: hpa
        replicas: {{min: 1, max: 2}}
        signals: {{queue-time: 200ms}}
        scaleUp: {{stabilization: 0s, pods: 4, period: 1s}}
        scaleDown: {{stabilization: 0s, pods: 4, period: 1s}}
"""
SIMULATED = {"sandbox.headroom.dev/runtime": "simulator"}

PORT = 19450
CREDENTIALS = {"desk": f"http://127.0.0.1:{PORT}/who-knows-this-may-post"}
AT_ONCE = {"monitoring": {"alertmanager": {"config": {"route": {"group_wait": "1s", "group_interval": "1s"}}}}}

SILENT_WITHOUT_REQUESTS = {"Latency"}


@dataclass(frozen=True)
class Observed:
    """The stack as it runs."""

    sandbox: Sandbox
    desired: Desired
    posts: Path
    """What came to the webhook, a line of JSON each."""

    def kubectl(self, *arguments: str, given: Any = None) -> str:
        command = [require("kubectl")["kubectl"], f"--kubeconfig={self.sandbox.kubeconfig}", f"--namespace={NAMESPACE}", *arguments]
        ran = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def pods(self, instance: str) -> list[dict[str, Any]]:
        return json.loads(self.kubectl("get", "pods", f"--selector=app.kubernetes.io/instance={instance}", "--output=json"))["items"]

    def placed(self, instance: str) -> int:
        """Pods of a server, or of a pool's placeholders, that have a node and are not about to go."""
        return sum("nodeName" in pod["spec"] and "deletionTimestamp" not in pod["metadata"] for pod in self.pods(instance))

    def ask(self, path: str, **parameters: str) -> Any:
        """What Prometheus answers."""
        return httpx.get(f"{self.sandbox.url('prometheus')}/api/v1/{path}", params=parameters, trust_env=False).json()["data"]

    def alerts(self) -> dict[str, str]:
        """The state of every alert of the stack by name, `health` instead where a rule cannot be evaluated."""
        groups = [group for group in self.ask("rules", type="alert")["groups"] if NAMESPACE in group["name"]]
        return {rule["name"]: rule["state"] if rule["health"] == "ok" else rule["health"] for group in groups for rule in group["rules"]}

    def told(self, alert: str) -> list[str]:
        """The states in which the receiver was told of an alert, one after the other."""
        lines = self.posts.read_text().splitlines() if self.posts.exists() else []
        alerts = [found for line in lines for found in json.loads(line)["alerts"]]
        return [found["status"] for found in alerts if found["labels"]["alertname"] == alert]

    def up(self) -> None:
        self.sandbox.up(stack="observed", values=AT_ONCE)

    def bound(self, minimum: int, maximum: int) -> None:
        """Has the autoscaler keep so many replicas, whatever it measures."""
        self.kubectl("patch", "hpa", "demo", "--patch", json.dumps({"spec": {"minReplicas": minimum, "maxReplicas": maximum}}))


@pytest.fixture(scope="module")
def observed(sandbox: Sandbox, clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    clone.stack_file("observed").write_text(STACK)
    desired = render(load(clone.stack_file("observed")))
    desired.servers[0].objects["workload"]["spec"]["template"]["metadata"]["annotations"] = SIMULATED
    stack = Observed(sandbox, desired, tmp_path_factory.mktemp("webhook") / "posts")
    stack.up()
    webhook = sandbox.popen([sys.executable, "-m", "tests.sandbox.webhook", str(PORT), str(stack.posts)])
    stack.kubectl("apply", "--server-side", "--filename=-", "--namespace=monitoring", given=json.dumps(receivers(desired)))
    ours = [item for item in desired.objects if item["metadata"].get("namespace") != "monitoring"]
    everything = {"apiVersion": "v1", "kind": "List", "items": ours}
    stack.kubectl("apply", "--server-side", "--filename=-", given=json.dumps(everything))
    assert eventually(lambda: (stack.placed("demo"), stack.placed(POOL)) == (1, 2))
    yield stack
    stack.kubectl("delete", "--wait=false", "--filename=-", given=json.dumps(everything))
    webhook.kill()
    webhook.wait()
    sandbox.up(report=lambda _: None)


def receivers(desired: Desired) -> Object:
    """The Secret of who is told, as Pulumi fills it."""
    addon = desired.platform["monitoring"]
    return {
        **addon.objects["receivers"],
        "stringData": {key: value(use, CREDENTIALS) for key, use in addon.credentials["receivers"].items()},
    }


def queries(desired: Desired) -> list[tuple[str, str]]:
    """Title and PromQL of everything that the dashboard of the loop asks, as Grafana would ask it for this server."""
    (text,) = desired.shared["dashboard-loop"]["data"].values()
    chosen = {"$namespace": NAMESPACE, "$server": "demo", "$__rate_interval": "10s"}
    found = []
    for panel in json.loads(text)["panels"]:
        for target in panel.get("targets", []):
            expr = target["expr"]
            for variable, choice in chosen.items():
                expr = expr.replace(variable, choice)
            found.append((panel["title"], expr))
    return found


@pytest.mark.proves("every panel of the loop's dashboard finds series", Proof.REAL)
def test_every_panel_of_the_loop_finds_series(observed: Observed) -> None:
    asked = [(title, expr) for title, expr in queries(observed.desired) if title not in SILENT_WITHOUT_REQUESTS]
    assert asked
    empty: list[tuple[str, str]] = []

    def all_answered() -> bool:
        empty[:] = [(title, expr) for title, expr in asked if not observed.ask("query", query=expr)["result"]]
        return not empty

    assert eventually(all_answered), empty


def test_every_alert_is_loaded_and_silent_while_all_is_well(observed: Observed) -> None:
    assert eventually(lambda: set(observed.alerts().values()) == {"inactive"}), observed.alerts()


@pytest.mark.proves("an autoscaler that cannot read its metrics is noticed, and the receiver of the stack file is told", Proof.REAL)
def test_who_is_to_be_told_hears_of_an_autoscaler_that_cannot_read_and_that_it_can_again(observed: Observed) -> None:
    adapter = next(process.pid for process in observed.sandbox.status().processes if process.name == "prometheus-adapter")
    os.kill(adapter, signal.SIGKILL)
    try:
        assert eventually(lambda: observed.told("HeadroomAutoscalerInactive")[-1:] == ["firing"])
    finally:
        observed.up()
    assert eventually(lambda: observed.told("HeadroomAutoscalerInactive")[-1:] == ["resolved"])


@pytest.mark.proves("a replica takes the room of a placeholder at once, and the placeholder comes back when there is room", Proof.REAL)
def test_a_replica_takes_a_placeholders_room_which_comes_back_when_there_is_some(observed: Observed) -> None:
    """Three nodes of one GPU: one replica and two placeholders fill them."""
    observed.bound(2, 2)
    assert eventually(lambda: observed.placed("demo") == 2)
    assert eventually(lambda: "Preempted" in observed.kubectl("get", "events", "--field-selector=reason=Preempted"))
    # The one that gave way is made again, and waits.
    assert eventually(lambda: (len(observed.pods(POOL)), observed.placed(POOL)) == (2, 1))

    observed.bound(1, 1)
    assert eventually(lambda: (observed.placed("demo"), observed.placed(POOL)) == (1, 2))
