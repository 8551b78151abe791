"""One outage of Prometheus under load, with a server for each cell of the table in docs/blindness.md.

What makes it dangerous: shortly before Prometheus is killed there is no load, so its last samples say 0 while the replicas are still
there; the load is back before it is, and the HPA's own memory of higher wishes is over by then. Whoever takes the old samples for the
present takes replicas away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from headroom.catalog.names import keda_hpa
from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.sandbox import Sandbox, records
from headroom.sandbox.kubelet.settings import RUNTIME_ANNOTATION, SIMULATOR
from headroom.sandbox.layout import Layout
from headroom.sandbox.scenarios import looks
from headroom.sandbox.scenarios.prometheus import Ask, value
from headroom.settings import load
from tests.autoscalers import blindness
from tests.outages.load import READY
from tests.outages.recorder import DEPLOYMENT, Recorder
from tests.waiting import eventually

STACK = "outage"
NAMESPACE = "outage"
MANAGER = "headroom-tests"
HPA = GVK("autoscaling/v2", "HorizontalPodAutoscaler")
MONITOR = GVK("monitoring.coreos.com/v1", "PodMonitor")

SECONDS = float(os.environ.get("HEADROOM_OUTAGE_SECONDS", "120"))
"""How long Prometheus is gone; longer than the 45 s for which the HPAs of the stack remember a higher wish."""
AFTERWARDS_SECONDS = 25.0
PATIENCE_SECONDS = 600.0

BUSY = 6
LIGHT = 2
"""Requests in flight: for most servers enough for both of their replicas, for those with a fallback enough for one."""

SLEEPERS = ("asleep", "asleep-gone", "asleep-value", "asleep-value-gone")
RAISED = ("keda-raised", "keda-raised-gone", "keda-raised-value", "keda-raised-value-gone")
SETTLED = {**dict.fromkeys(SLEEPERS, 0), "gateway": 1, **dict.fromkeys(RAISED, 1)}
"""Replicas under the load; those that are not named have two."""


@dataclass(frozen=True)
class Outage:
    """What was seen, replicas by server."""

    settled: dict[str, int]
    """Under the load, before anything was taken away."""
    gone: dict[str, list[int]]
    """From the moment on from which the series of some were gone, until the end."""
    before: dict[str, int]
    """When Prometheus was killed."""
    during: dict[str, list[int]]
    """From then until it was started again."""
    after: dict[str, list[int]]
    """From then on, under the same load."""
    blind: dict[str, str | None]
    """What the HPA of each server says against itself at the end of the outage."""
    seeing: dict[str, str | None]
    """The same once nothing is said against those that kept their series, at the latest long after the end of all."""
    woken: int
    """Replicas of the server that slept, once somebody had asked for it."""


def play(sandbox: Sandbox, clone: Clone) -> Outage:
    client = Client.from_kubeconfig(str(sandbox.kubeconfig))
    desired = render(load(clone.stack_file(STACK)))
    _apply(client, desired)
    recorder = Recorder(client, NAMESPACE)
    _until("every replica is ready", lambda: _ready(client, desired))
    for server in SLEEPERS:
        _scale(client, server, 0)
    asked = [server.name for server in desired.servers if server.name not in SLEEPERS]
    with _Load(sandbox, clone, asked) as busy:
        busy.say({server: _level(server) for server in asked})
        _until("every server has all its replicas", lambda: _full(recorder.look().replicas), lambda: recorder.look().replicas)
        settled, blinded = recorder.look().replicas, time.monotonic()
        recorder.start()
        for server in filter(_loses_its_series, asked):
            client.delete(MONITOR, NAMESPACE, server, propagation="Background")
        kept = [server for server in asked if not _loses_its_series(server)]
        busy.say(dict.fromkeys(kept, 0))
        http = httpx.Client(base_url=sandbox.url("prometheus"), timeout=5, trust_env=False)
        _until("the last samples say that there is no load", lambda: _idle(lambda path: http.get(path).raise_for_status().json()))
        _kill_prometheus(clone)
        killed, before = time.monotonic(), recorder.look().replicas
        assert before["published"] == settled["published"], "this machine was too slow: without load the replicas went before Prometheus"
        busy.say({server: _level(server) for server in asked})
        time.sleep(SECONDS)
        blind = _complaints(client, desired)
        started = time.monotonic()
        sandbox.up(stack=STACK, report=lambda _: None)
        time.sleep(AFTERWARDS_SECONDS)
        ended = time.monotonic()
        eventually(lambda: not any(said for server, said in _complaints(client, desired).items() if server in kept))
        seeing = _complaints(client, desired)
        busy.say({"gateway": BUSY})
        woken = eventually(lambda: recorder.look().replicas["asleep"]) or 0
        recorder.stop()
    return Outage(
        settled=settled,
        gone={server: [look.replicas[server] for look in recorder.looks if blinded <= look.at < ended] for server in before},
        before=before,
        during={server: [look.replicas[server] for look in recorder.looks if killed <= look.at < started] for server in before},
        after={server: [look.replicas[server] for look in recorder.looks if started <= look.at < ended] for server in before},
        blind=blind,
        seeing=seeing,
        woken=woken,
    )


def _apply(client: Client, desired: Desired) -> None:
    for server in desired.servers:
        template = server.objects["workload"]["spec"]["template"]["metadata"]
        template["annotations"] = {RUNTIME_ANNOTATION: SIMULATOR}
    for item in (*desired.objects, _gateway()):
        client.apply(_as_published(item), field_manager=MANAGER, force=True)


def _gateway() -> Object:
    """Requests as something in front of the servers would count them: it is there whether they are or not.

    Those for the awake ones whose series are taken away never cease, and are counted without these.
    """
    counted = {
        "asleep": 'sum(nv_inference_request_success{server="gateway"})',
        "awake": 'sum(nv_inference_request_success{server="awake"})',
        "awake-value": 'sum(nv_inference_request_success{server="awake-value"})',
        "awake-gone": "vector(time())",
    }
    rules = [{"record": "gateway_requests_total", "labels": {"to": to}, "expr": expr} for to, expr in counted.items()]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "gateway", "namespace": NAMESPACE},
        "spec": {"groups": [{"name": "gateway", "interval": "2s", "rules": rules}]},
    }


def _as_published(item: Object) -> Object:
    """The server `published` reads the engine's own gauge, as most recipes do: by it the test is seen to be able to fail."""
    if (item["kind"], item["metadata"]["name"]) == ("ScaledObject", "published"):
        (trigger,) = item["spec"]["triggers"]
        trigger["metadata"]["query"] = 'sum(nv_inference_pending_request_count{server="published"})'
    return item


class _Load:
    """Requests for every server, from inside the sandbox."""

    def __init__(self, sandbox: Sandbox, clone: Clone, servers: list[str]) -> None:
        argv = [sys.executable, "-m", "tests.outages.load", sandbox.inside_kubeconfig, clone.stack_file(STACK), *servers]
        root = Path(__file__).parents[2]
        self._process = sandbox.popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)

    def __enter__(self) -> _Load:
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == READY
        return self

    def say(self, levels: dict[str, int]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(levels) + "\n")
        self._process.stdin.flush()

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def _loses_its_series(server: str) -> bool:
    return server.endswith("-gone")


def _level(server: str) -> int:
    if server == "gateway":
        return 0
    return LIGHT if server in RAISED else BUSY


def _full(replicas: dict[str, int]) -> bool:
    return all(count == SETTLED.get(server, 2) for server, count in replicas.items())


def _idle(ask: Ask) -> bool:
    served = 'server!~".+-gone"'
    recorded = value(ask, f'max({{__name__=~"headroom:(queue_time_seconds|requests_waiting):server", {served}}})')
    raw = value(ask, f"sum(nv_inference_pending_request_count{{{served}}})")
    return recorded == raw == 0


def _kill_prometheus(clone: Clone) -> None:
    """As a node that dies would: without the end of anything written."""
    record = records.read(Layout(clone), "prometheus")
    assert record is not None
    os.kill(record.pid, 9)


def _complaints(client: Client, desired: Desired) -> dict[str, str | None]:
    names = {item["metadata"]["name"] for item in client.list(HPA, NAMESPACE)}
    of = {server.name: next(name for name in (keda_hpa(server.name), server.name) if name in names) for server in desired.servers}
    return {server: blindness(client.get(HPA, NAMESPACE, name)) for server, name in of.items()}


def _ready(client: Client, desired: Desired) -> bool:
    """But for those that sleep: they may have gone to sleep by themselves."""
    ready = {item["metadata"]["name"] for item in client.list(DEPLOYMENT, NAMESPACE) if looks.ready(item)}
    return ready >= {server.name for server in desired.servers} - set(SLEEPERS)


def _scale(client: Client, server: str, replicas: int) -> None:
    client.json_patch(DEPLOYMENT, NAMESPACE, server, [{"op": "replace", "path": "/spec/replicas", "value": replicas}])


def _until(what: str, condition: Callable[[], bool], seen: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not so after {PATIENCE_SECONDS:.0f} s; {seen()}"
        time.sleep(0.5)
