from __future__ import annotations

from typing import Any

import pytest

from headroom.sandbox.load.addresses import Address, ForbiddenAddress, RoundRobin, ready_addresses


def _endpoint(host: str, **conditions: bool) -> dict[str, Any]:
    return {"addresses": [host], "conditions": conditions}


def _slice(*endpoints: dict[str, Any]) -> dict[str, Any]:
    return {"ports": [{"name": "http", "port": 8000}, {"name": "grpc", "port": 8001}], "endpoints": list(endpoints)}


@pytest.mark.parametrize("host", ["10.245.0.1", "10.96.0.1", "8.8.8.8", "192.168.1.1", "::1", "localhost", "example.org", ""])
def test_an_address_outside_the_sandbox_is_refused(host: str) -> None:
    with pytest.raises(ForbiddenAddress, match=r"10\.244\.0\.0/16"):
        Address(host, 80)


@pytest.mark.parametrize("host", ["10.244.0.1", "10.244.255.254", "127.0.0.1"])
def test_an_address_of_the_sandbox_is_allowed(host: str) -> None:
    assert Address(host, 80).url == f"http://{host}:80"


def test_ready_endpoints_are_found_by_the_name_of_the_port() -> None:
    assert ready_addresses([_slice(_endpoint("10.244.0.5", ready=True))], "grpc") == (Address("10.244.0.5", 8001),)


def test_endpoints_that_are_not_ready_are_left_out() -> None:
    assert ready_addresses([_slice(_endpoint("10.244.0.5", ready=False), _endpoint("10.244.0.6"))], "http") == ()


def test_a_terminating_endpoint_gets_no_new_request_although_it_serves() -> None:
    leaving = _endpoint("10.244.0.5", ready=False, serving=True, terminating=True)
    assert ready_addresses([_slice(leaving, _endpoint("10.244.0.6", ready=True))], "http") == (Address("10.244.0.6", 8000),)


def test_a_pod_that_two_slices_hold_counts_once() -> None:
    both = [_slice(_endpoint("10.244.0.5", ready=True)), _slice(_endpoint("10.244.0.5", ready=True))]
    assert len(ready_addresses(both, "http")) == 1


def test_a_slice_that_is_still_empty_gives_nothing() -> None:
    assert ready_addresses([{"ports": None, "endpoints": None}], "http") == ()


def test_an_endpoint_outside_the_sandbox_is_refused_even_from_the_api_server() -> None:
    with pytest.raises(ForbiddenAddress):
        ready_addresses([_slice(_endpoint("10.0.0.5", ready=True))], "http")


def test_turns_go_round_all_addresses() -> None:
    pods = RoundRobin()
    pods.replace((Address("10.244.0.5", 8000), Address("10.244.0.6", 8000)))
    turns = [pods.next() for _ in range(4)]
    assert turns[0] != turns[1]
    assert turns[:2] == turns[2:]


def test_without_an_address_there_is_no_turn() -> None:
    assert RoundRobin().next() is None
