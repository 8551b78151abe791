"""Streams that live through what happens around them, and the limit that would cut them."""

from __future__ import annotations

import pytest

from headroom.catalog.entrypoints import GRPC
from tests.evidence import Proof
from tests.sandbox.ingress.conftest import Routed

pytestmark = pytest.mark.tools

CUT_AFTER = 2


@pytest.mark.proves("no stream is cut by a scale-down", Proof.REAL)
def test_no_stream_is_broken_when_a_replica_goes(routed: Routed) -> None:
    """Streams of 3 s, longer on a busy machine, one after the other, before, while and after one of two replicas goes."""
    routed.serve("parrot", 2, drain=20)
    with routed.talking(streams=8, messages=30, every=0.1, again=4) as answer:
        routed.scale("parrot", 1)
        found = answer()
    assert {stream["end"] for stream in found} == {"OK"}
    assert [len(stream["pods"]) for stream in found] == [30] * 32
    assert len({pod for stream in found for pod in stream["pods"]}) == 2
    assert len({pod for stream in found[3::4] for pod in stream["pods"]}) == 1


@pytest.mark.proves("a limit on reading requests cuts streams, and there is none", Proof.REAL)
def test_streams_are_cut_where_reading_them_has_a_limit(routed: Routed) -> None:
    routed.serve("parrot", 1)
    limit = {"ports": {GRPC.name: {"transport": {"respondingTimeouts": {"readTimeout": f"{CUT_AFTER}s"}}}}}
    routed.sandbox.up(values={"traefik": limit}, report=lambda _: None)
    routed.until(lambda: len(routed.answering()) == 1, "Traefik has read the routes")
    cut = routed.ask(streams=2, messages=40, every=0.1)
    routed.sandbox.up(report=lambda _: None)
    routed.until(lambda: len(routed.answering()) == 1, "Traefik has read the routes")
    whole = routed.ask(streams=2, messages=40, every=0.1)
    assert "OK" not in {stream["end"] for stream in cut}
    assert all(len(stream["pods"]) <= CUT_AFTER * 10 + 5 for stream in cut)
    assert [(stream["end"], len(stream["pods"])) for stream in whole] == [("OK", 40)] * 2
