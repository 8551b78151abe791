"""Where a load's requests come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.addresses import Address, RoundRobin
from headroom.sandbox.load.aim import aim, at_another
from tests.settings.stack_files import DEMO, accepted, changed

MODEL = (f"{DEMO}/model", "sleeper")


def routed(directory: Path, **route: Any) -> Any:
    return accepted(directory, changed(("headroom:platform/traefik", "existing"), (f"{DEMO}/route", route), MODEL))


def test_a_server_without_a_route_is_asked_at_its_pods(tmp_path: Path) -> None:
    assert aim(accepted(tmp_path, changed(MODEL)), "demo").entrance is None


def test_a_server_with_a_route_is_asked_through_it(tmp_path: Path) -> None:
    assert aim(routed(tmp_path), "demo").entrance == Address("127.0.0.1", 8000)


def test_requests_say_whom_they_are_for(tmp_path: Path) -> None:
    entrance = aim(routed(tmp_path, host="models.example.com", path="/demo"), "demo").entrance
    assert entrance
    assert (entrance.name, entrance.url) == ("models.example.com", "http://127.0.0.1:8000/demo")


@pytest.mark.parametrize(("ports", "direct"), [(["grpc"], False), (["http"], True)])
def test_a_port_without_a_route_and_a_direct_load_go_to_the_pods(tmp_path: Path, ports: list[str], direct: bool) -> None:
    assert aim(routed(tmp_path, ports=ports), "demo", direct=direct).entrance is None


def test_another_service_than_the_stacks_is_asked_at_its_pods(tmp_path: Path) -> None:
    led = at_another(aim(routed(tmp_path), "demo"), "default", "riva-api", "grpc")
    assert (led.namespace, led.service, led.port, led.entrance) == ("default", "riva-api", "grpc", None)


def test_a_route_over_tls_is_not_asked_in_clear_text(tmp_path: Path) -> None:
    text = changed(("headroom:platform/traefik", {"tls": {}}), (f"{DEMO}/route", {}), MODEL)
    with pytest.raises(SandboxError, match="--direct"):
        aim(accepted(tmp_path, text), "demo")
    assert aim(accepted(tmp_path, text), "demo", direct=True).entrance is None


def test_behind_an_entrance_pods_are_counted_and_not_chosen() -> None:
    entrance, pod = Address("127.0.0.1", 8000), Address("10.244.1.2", 8000)
    targets = RoundRobin(entrance)
    assert targets.next() == entrance
    targets.replace((pod,))
    assert (targets.next(), len(targets)) == (entrance, 1)
