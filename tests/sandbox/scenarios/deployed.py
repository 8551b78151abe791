"""The server of a stack in a sandbox: its desired objects applied as they are rendered, and what the autoscaler says of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from headroom.desired import render
from headroom.desired.objects import Object
from headroom.desired.render import DesiredServer
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.sandbox import Sandbox
from headroom.sandbox.kubelet.settings import RUNTIME_ANNOTATION, SIMULATOR
from headroom.sandbox.scenarios import looks
from headroom.sandbox.scenarios.recorder import HPA
from headroom.settings import load
from tests.autoscalers import blindness

DEPLOYMENT = GVK("apps/v1", "Deployment")

MANAGER = "headroom-tests"
SECONDS = 90


@dataclass(frozen=True)
class Deployed:
    """`wanted` are its desired objects by role."""

    client: Client
    wanted: DesiredServer

    def apply(self, role: str, change: Callable[[Object], None] = lambda _: None) -> None:
        """Applies an object as it is desired, or as `change` leaves it."""
        changed = deepcopy(self.wanted.objects[role])
        change(changed)
        self.client.apply(changed, field_manager=MANAGER, force=True)

    @property
    def hpa(self) -> Object:
        return self.client.get(HPA, self.wanted.namespace, self.wanted.name)

    @property
    def seen(self) -> float | None:
        return looks.seen(self.hpa)

    @property
    def blindness(self) -> str | None:
        return blindness(self.hpa)

    @property
    def replicas(self) -> int:
        return self._deployment["spec"]["replicas"]

    @property
    def ready(self) -> int:
        return looks.ready(self._deployment)

    @property
    def _deployment(self) -> Object:
        return self.client.get(DEPLOYMENT, self.wanted.namespace, self.wanted.name)

    def scale(self, replicas: int) -> None:
        """By hand, as somebody would with `kubectl scale`."""
        operations: list[Object] = [{"op": "replace", "path": "/spec/replicas", "value": replicas}]
        self.client.json_patch(DEPLOYMENT, self.wanted.namespace, self.wanted.name, operations)


def deploy(sandbox: Sandbox, stack: Path, *, simulated: bool) -> Deployed:
    """Applies all that the stack asks for, and waits until its first server's autoscaler knows its metric."""
    client = Client.from_kubeconfig(str(sandbox.kubeconfig))
    desired = render(load(stack))
    wanted = desired.servers[0]
    if simulated:
        template = wanted.objects["workload"]["spec"]["template"]["metadata"]
        template["annotations"] = {RUNTIME_ANNOTATION: SIMULATOR}
    for item in desired.objects:
        client.apply(item, field_manager=MANAGER, force=True)
    deployed = Deployed(client, wanted)
    until(lambda: deployed.seen is not None, lambda: f"the autoscaler's metric stays unknown: {deployed.hpa.get('status')}")
    return deployed


def remove(deployed: Deployed) -> None:
    """Deletes the namespace; its pods drain while other tests go on."""
    deployed.client.delete(GVK("v1", "Namespace"), "", deployed.wanted.namespace, propagation="Background")


def until(condition: Callable[[], bool], complaint: Callable[[], str], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, complaint()
        time.sleep(0.5)
