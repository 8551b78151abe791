"""Client pods beside a server: they ask its Service, stay off GPU nodes, and are nobody's replicas."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.catalog.names import APP_INSTANCE
from headroom.desired.objects import Object
from tests.desired.stacks import demo

OWN = {"image": "ghcr.io/acme/client:3", "command": ["client"], "arguments": ["--url=$host:8000", "--parallel=$concurrency"]}


@pytest.fixture
def clients(tmp_path: Path) -> Object:
    return demo(tmp_path, load={**OWN, "clients": 10, "concurrency": 4})["load"]


def test_as_many_clients_as_asked_for(clients: Object) -> None:
    assert clients["spec"]["replicas"] == 10


def test_a_client_is_told_the_servers_address_and_its_own_concurrency(clients: Object) -> None:
    (container,) = clients["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["--url=demo.inference.svc:8000", "--parallel=4"]


def test_the_servers_service_and_monitor_do_not_take_a_client_for_a_replica(clients: Object) -> None:
    assert APP_INSTANCE not in clients["spec"]["template"]["metadata"]["labels"]


def test_a_client_keeps_off_gpu_nodes(clients: Object) -> None:
    pod = clients["spec"]["template"]["spec"]
    assert "tolerations" not in pod
    assert "nvidia.com/gpu" not in str(pod)


def test_without_load_there_are_no_clients(tmp_path: Path) -> None:
    assert "load" not in demo(tmp_path)
