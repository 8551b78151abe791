"""A sandbox with Traefik and KEDA, servers behind a route as it is rendered for every server, and one of its stack that may sleep."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from headroom.catalog.engines.triton import TRITON
from headroom.catalog.names import APP_INSTANCE, server_labels, server_selector
from headroom.desired import routing, serving
from headroom.desired.joined import marked
from headroom.desired.objects import Object, obj
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.sandbox import Sandbox
from headroom.sandbox.kubelet.runtimes import interpreter
from headroom.settings.platform import Traefik
from headroom.settings.server import Server
from tests.sandbox.fixtures import throwaway_clone
from tests.sandbox.ingress import client, echo

STACK = """\
config:
  headroom:cluster: {provider: kwok}
  headroom:pools: {l4: {machine: g6.2xlarge, max: 3}}
  headroom:platform:
    monitoring: {scrapeInterval: 1s, window: 10s}
    prometheusAdapter: none
    keda: existing
    metricsServer: none
    traefik: existing
  headroom:namespace: drowsy
  headroom:servers:
    dormouse:
      engine: triton
      image: nvcr.io/nvidia/tritonserver:25.06-py3
      pool: l4
      models: models
      resources: {cpu: 100m, memory: 64Mi}
      startup: 10s
      drain: 5s
      autoscaling:
        replicas: {min: 0, max: 2}
        signals: {requests-waiting: 2}
        wake: {after: 20s}
      route: {host: dormouse.example.com, ports: [http]}
"""
MANAGER = "headroom-tests"
NAMESPACE = "inference"
ENGINE = TRITON.at((25, 6))
DEPLOYMENT = GVK("apps/v1", "Deployment")
POD = GVK("v1", "Pod")
ROOT = Path(__file__).resolve().parents[3]
SECONDS = 120


@pytest.fixture(scope="package")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = throwaway_clone(tmp_path_factory.mktemp("ingress"))
    shutil.copytree(ROOT / "stacks" / "models", made.root / "stacks" / "models")
    (made.root / "stacks" / "Pulumi.local.yaml").write_text(STACK)
    return made


@dataclass(frozen=True)
class Routed:
    """Servers behind Traefik."""

    sandbox: Sandbox
    api: Client

    def serve(self, name: str, replicas: int, *, drain: int = 5, sleeps: bool = False, **route: Any) -> None:
        """A server with a route, whose pods are echoes; waits until requests reach as many of them, and of each server behind the route."""
        settings = Server.model_validate(
            {
                "engine": "triton",
                "image": "nvcr.io/nvidia/tritonserver:25.06-py3",
                "models": "s3://bucket/models",
                "drain": drain,
                "autoscaling": {"replicas": {"min": 0 if sleeps else 1, "max": 2}, "signals": {"queue-time": "1s"}},
                "route": route,
            }
        )
        place = (name, NAMESPACE, server_labels("triton", name))
        together = (name, *settings.route.also) if settings.route and settings.route.also else ()
        wanted = [
            serving.network.service(*place, ENGINE, settings),
            *([marked(deployment(each, replicas, drain), name) for each in together] or [deployment(name, replicas, drain)]),
            *routing.objects(*place, ENGINE, settings, Traefik()).values(),
        ]
        for item in wanted:
            self.api.apply(item, field_manager=MANAGER, force=True)
        self.until(lambda: self._settled(together or (name,), replicas), f"{replicas} pods of {name} answer, and none from before")

    def _settled(self, names: Sequence[str], replicas: int) -> bool:
        """Whether requests reach the pods of the last change, all of them and no other."""
        there: set[str] = set()
        for name in names:
            pods = self.api.list(POD, NAMESPACE, label_selector=f"{APP_INSTANCE}={name}")
            there |= {pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}
            done = self.api.get(DEPLOYMENT, NAMESPACE, name)
            counts = [done["status"].get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas")]
            if done["status"].get("observedGeneration") != done["metadata"]["generation"] or counts != [replicas] * 3:
                return False
        return {body.split()[0] for body in self.answering()} == there

    def scale(self, name: str, replicas: int) -> None:
        operations: list[Object] = [{"op": "replace", "path": "/spec/replicas", "value": replicas}]
        self.api.json_patch(DEPLOYMENT, NAMESPACE, name, operations)

    def answering(self) -> set[str]:
        """The pods that requests reach."""
        return {answer["body"] for answer in self.ask(gets=12) if answer["status"] == 200}

    def ask(self, **request: Any) -> list[dict[str, Any]]:
        answered = self.sandbox.run(_client(request), capture_output=True, text=True, cwd=ROOT, timeout=120)
        assert answered.returncode == 0, answered.stderr
        return json.loads(answered.stdout.splitlines()[-1])

    def visit(self, **request: Any) -> dict[str, Any]:
        """What a client gets that comes from outside, as `tests.sandbox.ingress.visitor` asks."""
        command = [sys.executable, "-m", "tests.sandbox.ingress.visitor", json.dumps(request)]
        answered = self.sandbox.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
        assert answered.returncode == 0, answered.stderr
        return json.loads(answered.stdout.splitlines()[-1])

    @contextlib.contextmanager
    def talking(self, **request: Any) -> Iterator[Callable[[], list[dict[str, Any]]]]:
        """Streams in the background, begun and replied to; gives what waits for their answer."""
        with self.sandbox.popen(_client(request), stdout=subprocess.PIPE, text=True, cwd=ROOT) as begun:
            assert begun.stdout
            assert begun.stdout.readline().strip() == client.TALKING
            yield lambda: json.loads(begun.communicate(timeout=180)[0])

    def value(self, query: str) -> float:
        """What Prometheus says of an expression with one value; 0 where it has none."""
        url = f"{self.sandbox.url('prometheus')}/api/v1/query"
        found = httpx.get(url, params={"query": query}, trust_env=False, timeout=30).json()["data"]["result"]
        return float(found[0]["value"][1]) if found else 0

    def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"not so after {SECONDS} s: {what}"
            time.sleep(0.3)


@pytest.fixture(scope="package")
def sandbox(clone: Clone) -> Iterator[Sandbox]:
    ours = Sandbox(clone)
    try:
        ours.up()
        yield ours
    finally:
        ours.down(report=lambda _: None)


@pytest.fixture(scope="package")
def routed(sandbox: Sandbox) -> Routed:
    api = Client.from_kubeconfig(str(sandbox.kubeconfig))
    api.apply(obj("v1", "Namespace", NAMESPACE, labels={}), field_manager=MANAGER, force=True)
    return Routed(sandbox, api)


def _client(request: dict[str, Any]) -> list[str]:
    return [sys.executable, "-m", "tests.sandbox.ingress.client", json.dumps(request)]


def deployment(name: str, replicas: int, drain: int) -> Object:
    """Echoes in the place of the engine: its ports, its way to end."""
    source = Path(echo.__file__).read_text()
    probe = {"grpc": {"port": ENGINE.port("grpc").number}, "periodSeconds": 1, "timeoutSeconds": 10}
    container = {
        "name": "echo",
        # It has what a gRPC server needs.
        "image": "nvcr.io/nvidia/riva/riva-speech:2.19.0",
        "command": [interpreter(), "-P", "-S", "-c", source],
        "env": [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "ports": [{"name": port.name, "containerPort": port.number} for port in ENGINE.ports],
        "readinessProbe": probe,
        "lifecycle": {"preStop": {"sleep": {"seconds": drain}}},
    }
    return obj(
        "apps/v1",
        "Deployment",
        name,
        namespace=NAMESPACE,
        labels={},
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": server_selector("triton", name)},
            "template": {
                "metadata": {"labels": server_labels("triton", name)},
                "spec": {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": drain + 5, "containers": [container]},
            },
        },
    )
