"""Requests through Traefik, which has its configuration from the values of its chart and its routes from the API server."""

from __future__ import annotations

import time

import pytest

from headroom.catalog.entrypoints import GRPC
from headroom.plugins.kubernetes.client import GVK
from tests.evidence import Proof
from tests.sandbox.ingress.conftest import MANAGER, NAMESPACE, Routed

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def two(routed: Routed) -> Routed:
    """A server with two replicas."""
    routed.serve("parrot", 2)
    return routed


@pytest.mark.proves("requests through Traefik are balanced over pods, HTTP and gRPC", Proof.REAL)
def test_the_streams_of_one_connection_go_to_both_pods(two: Routed) -> None:
    found = two.ask(streams=12, messages=3, every=0.1)
    assert {stream["end"] for stream in found} == {"OK"}
    assert len({pod for stream in found for pod in stream["pods"]}) == 2


@pytest.mark.proves("a stream stays on one pod", Proof.REAL)
def test_a_stream_stays_on_one_pod(two: Routed) -> None:
    found = two.ask(streams=6, messages=10, every=0.05)
    assert [len(stream["pods"]) for stream in found] == [10] * 6
    assert [len(set(stream["pods"])) for stream in found] == [1] * 6


def test_a_cookie_keeps_a_client_on_one_pod_where_that_is_asked_for(routed: Routed) -> None:
    routed.serve("parrot", 2, sticky=True)
    routed.until(lambda: "headroom-parrot" in routed.ask(gets=1)[0]["headers"].get("set-cookie", ""), "a cookie is set")
    assert len({answer["body"] for answer in routed.ask(gets=10, cookies=True)}) == 1


def test_a_path_is_taken_off(routed: Routed) -> None:
    routed.serve("parrot", 1, path="/v2", ports=["http"])
    routed.until(lambda: routed.ask(gets=1)[0]["body"].endswith(" /health/ready"), "the engine sees the rest of the path")


@pytest.mark.proves("a server without replicas answers 503 and says when to ask again", Proof.REAL)
def test_a_server_that_sleeps_says_when_to_ask_again(routed: Routed) -> None:
    routed.serve("parrot", 0, sleeps=True)
    routed.until(lambda: routed.ask(gets=1)[0]["headers"].get("retry-after") == "10", "the answer says when to ask again")
    assert routed.ask(gets=1)[0]["status"] == 503


@pytest.mark.proves("requests that find no replica are counted", Proof.REAL)
def test_requests_for_a_server_that_sleeps_are_seen_by_prometheus(routed: Routed) -> None:
    """At least the three: earlier ones may not have been scraped yet."""
    routed.serve("parrot", 0, sleeps=True)
    counted = 'sum(traefik_router_requests_total{router=~"inference-parrot-http-[0-9a-f]{20}@kubernetescrd", code="503"})'
    before = routed.value(counted)
    routed.ask(gets=3)
    routed.until(lambda: routed.value(counted) >= before + 3, "three more requests are counted")


@pytest.mark.proves("a gRPC call that finds no replica ends with UNAVAILABLE", Proof.REAL)
def test_a_call_to_a_server_that_sleeps_is_told_that_it_may_ask_again(routed: Routed) -> None:
    routed.serve("parrot", 0, sleeps=True)
    routed.until(lambda: routed.visit(call=f"127.0.0.1:{GRPC.listens}", host="parrot")["end"] != "UNIMPLEMENTED", "the route is there")
    found = [routed.visit(call=f"127.0.0.1:{GRPC.listens}", host="parrot")["end"] for _ in range(5)]
    assert found == ["UNAVAILABLE"] * 5


def test_a_pod_that_cannot_be_reached_costs_no_request(routed: Routed) -> None:
    """An endpoint whose node is gone, and that nobody has taken off the list yet."""
    routed.serve("parrot", 1, balancing="wrr")
    gone = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "parrot-gone", "namespace": NAMESPACE, "labels": {"kubernetes.io/service-name": "parrot"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.244.250.250"], "conditions": {"ready": True, "serving": True}}],
        "ports": [{"name": "http", "port": 8000}],
    }
    routed.api.apply(gone, field_manager=MANAGER, force=True)
    time.sleep(1)
    try:
        found = routed.ask(gets=6)
    finally:
        routed.api.delete(GVK("discovery.k8s.io/v1", "EndpointSlice"), NAMESPACE, "parrot-gone", propagation="Background")
    assert {answer["status"] for answer in found} == {200}
