"""Client pods of a stack file put a server under load from inside the cluster: they find it by its name, and the autoscaler sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from headroom.desired import render
from headroom.desired.objects import Object
from headroom.paths import Clone
from headroom.sandbox import Sandbox
from headroom.settings import load
from tests.evidence import Proof
from tests.sandbox.fixtures import STACKS
from tests.sandbox.scenarios.deployed import Deployed, deploy, remove, until

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

CLIENT = """
import sys, threading, urllib.request
body = b'{"inputs": [{"name": "INPUT", "datatype": "FP32", "shape": [1], "data": [1.0]}]}'
def ask():
    while True:
        urllib.request.urlopen(urllib.request.Request(sys.argv[1], body), timeout=30).read()
threads = [threading.Thread(target=ask) for _ in range(int(sys.argv[2]))]
[thread.start() for thread in threads]
"""


def write_stack(clone: Clone, clients: int) -> Path:
    """The local stack with client pods in it."""
    stack = yaml.safe_load((STACKS / "Pulumi.local.yaml").read_text())
    stack["config"]["headroom:namespace"] = "clients"
    demo = stack["config"]["headroom:servers"]["demo"]
    demo["drain"] = "1s"
    demo["load"] = {
        "clients": clients,
        "concurrency": 4,
        "image": "docker.io/library/python:3.12",
        "command": ["python", "-c", CLIENT],
        "arguments": ["http://$host:8000/v2/models/sleeper/infer", "$concurrency"],
    }
    path = clone.root / "stacks" / "Pulumi.clients.yaml"
    path.write_text(yaml.safe_dump(stack))
    return path


@pytest.fixture(scope="module")
def server(sandbox: Sandbox, clone: Clone) -> Iterator[Deployed]:
    deployed = deploy(sandbox, write_stack(clone, clients=0), simulated=True)
    yield deployed
    remove(deployed)


def ask_for(server: Deployed, clone: Clone, clients: int) -> None:
    (wanted,) = render(load(write_stack(clone, clients))).servers

    def as_wanted(item: Object) -> None:
        item |= wanted.objects["load"]

    server.apply("load", as_wanted)


@pytest.mark.proves("client pods in the cluster put a server under load, and the autoscaler follows", Proof.SIMULATOR)
def test_replicas_follow_the_number_of_clients_in_the_stack_file(server: Deployed, clone: Clone) -> None:
    assert server.replicas == 1
    ask_for(server, clone, clients=2)
    until(lambda: server.ready > 1, lambda: f"{server.ready} replicas under load, the autoscaler sees {server.seen}")
    ask_for(server, clone, clients=0)
    until(lambda: server.replicas == 1, lambda: f"{server.replicas} replicas without load, the autoscaler sees {server.seen}")
