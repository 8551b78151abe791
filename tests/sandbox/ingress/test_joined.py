"""Several servers behind one route, as for a model on two kinds of GPU."""

from __future__ import annotations

import pytest

from tests.evidence import Proof
from tests.sandbox.ingress.conftest import Routed

pytestmark = pytest.mark.tools


@pytest.mark.proves("one address for the replicas of several servers", Proof.REAL)
def test_requests_of_one_route_go_to_the_replicas_of_several_servers(routed: Routed) -> None:
    routed.serve("parrot", 1, also=["wren"])
    found = routed.ask(streams=12, messages=3, every=0.1)
    assert {stream["end"] for stream in found} == {"OK"}
    assert {stream["pods"][0].rsplit("-", 2)[0] for stream in found} == {"parrot", "wren"}


def test_a_server_that_has_no_replica_costs_no_request(routed: Routed) -> None:
    routed.serve("parrot", 1, also=["wren"])
    routed.scale("wren", 0)
    routed.until(lambda: len(routed.answering()) == 1, "only one server is left")
    found = routed.ask(streams=6, messages=3, every=0.1)
    assert {(stream["end"], stream["pods"][0].rsplit("-", 2)[0]) for stream in found} == {("OK", "parrot")}
