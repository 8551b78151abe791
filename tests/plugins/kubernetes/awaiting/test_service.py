from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.awaiting.rules.service import NO_ADDRESS, NO_PODS, assess, related
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Waiting
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import endpoint_slice, service


def look(live: Object, *slices: Object, quiet: float = 0) -> Observed:
    return Observed(live, {"EndpointSlice": slices}, elapsed=quiet, quiet=quiet)


@pytest.mark.parametrize(
    "live",
    [service(clusterIP="None"), service(type="ExternalName"), service(selector=False)],
    ids=["headless", "ExternalName", "without selector"],
)
def test_a_service_that_picks_no_pods_is_ready_at_once(live: Object) -> None:
    assert isinstance(assess(look(live)), Done)
    assert list(related(live)) == []


@pytest.mark.parametrize("slices", [(), (endpoint_slice(),), (endpoint_slice(True),)], ids=["no slice", "no Pods", "ready Pod"])
def test_endpoints_are_given_ten_seconds_to_settle(slices: tuple[Object, ...]) -> None:
    assert isinstance(assess(look(service(), *slices, quiet=9.9)), Waiting)
    assert assess(look(service(), *slices, quiet=10)) == Done((Line("Service initialization complete"),))


def test_it_may_be_given_up_with_success_while_endpoints_settle() -> None:
    verdict = assess(look(service(), endpoint_slice(), quiet=8))
    assert isinstance(verdict, Waiting)
    assert verdict.acceptable


def test_an_unready_endpoint_holds_it_back() -> None:
    verdict = assess(look(service(), endpoint_slice(True, False), quiet=60))
    assert isinstance(verdict, Waiting)
    assert not verdict.acceptable
    assert verdict.reasons == ()


def test_only_unready_endpoints_mean_that_no_pods_are_targeted() -> None:
    verdict = assess(look(service(), endpoint_slice(False), quiet=60))
    assert isinstance(verdict, Waiting)
    assert verdict.reasons == (NO_PODS,)


def test_an_endpoint_that_shuts_down_holds_nothing_back() -> None:
    assert isinstance(assess(look(service(), endpoint_slice(False, terminating=True), quiet=10)), Done)


@pytest.mark.parametrize(
    ("slices", "reasons"), [((endpoint_slice(True),), (NO_ADDRESS,)), ((), (NO_PODS, NO_ADDRESS))], ids=["with Pods", "without"]
)
def test_a_load_balancer_needs_an_address(slices: tuple[Object, ...], reasons: tuple[str, ...]) -> None:
    verdict = assess(look(service(type="LoadBalancer"), *slices, quiet=60))
    assert isinstance(verdict, Waiting)
    assert not verdict.acceptable
    assert verdict.reasons == reasons


def test_a_load_balancer_with_an_address_is_ready() -> None:
    assert isinstance(assess(look(service(type="LoadBalancer", address=True), endpoint_slice(True), quiet=10)), Done)


def test_progress_goes_from_pods_to_address() -> None:
    live = service(type="LoadBalancer")
    texts = [line.text for quiet in (1, 10) for line in assess(look(live, endpoint_slice(True), quiet=quiet)).lines]
    assert texts == ["[1/3] Finding Pods to direct traffic to", "[2/3] Attempting to allocate IP address to Service"]
