"""A blind autoscaler holds: every cell of the table in docs/blindness.md, seen at the real controllers in one outage of Prometheus."""

from __future__ import annotations

import pytest

from tests.evidence import Proof
from tests.outages.outage import GONE, Outage

pytestmark = [pytest.mark.tools, pytest.mark.timeout(900)]

BACKENDS = {"hpa": ("hpa-sum", "hpa-value"), "keda": ("keda-sum", "keda-value", "awake")}
AT_WORK = [server for servers in BACKENDS.values() for server in servers]
HPAS = {server: "FailedGetPodsMetric" if server == "hpa-sum" else "FailedGetObjectMetric" for server in ("hpa-sum", "hpa-value")}
EXTERNAL = "FailedGetExternalMetric"


@pytest.mark.proves("an outage of Prometheus takes no replica away", Proof.SIMULATOR)
@pytest.mark.parametrize("server", AT_WORK)
def test_while_prometheus_is_gone_the_replicas_stay(outage: Outage, server: str) -> None:
    assert set(outage.during[server]) == {outage.before[server]}


@pytest.mark.proves("samples from before an outage of Prometheus take no replica away", Proof.SIMULATOR)
@pytest.mark.parametrize("server", AT_WORK)
def test_once_it_is_back_on_its_old_samples_the_replicas_stay(outage: Outage, server: str) -> None:
    assert set(outage.after[server]) == {outage.before[server]}


@pytest.mark.parametrize(("server", "reason"), [*HPAS.items(), ("keda-sum", EXTERNAL), ("keda-value", EXTERNAL), ("awake", EXTERNAL)])
def test_a_blind_autoscaler_says_so(outage: Outage, server: str, reason: str) -> None:
    assert outage.blind[server] == reason


@pytest.mark.parametrize("server", AT_WORK)
def test_it_sees_again_by_itself(outage: Outage, server: str) -> None:
    assert outage.seeing[server] is None


@pytest.mark.proves("missing series take no replica away", Proof.SIMULATOR)
@pytest.mark.parametrize("server", GONE)
def test_series_that_are_gone_take_no_replica_away(outage: Outage, server: str) -> None:
    assert set(outage.during[server] + outage.after[server]) == {2}
    assert outage.seeing[server] is not None


@pytest.mark.proves("a fallback raises and never lowers", Proof.SIMULATOR)
def test_a_fallback_raises_to_its_count_and_nothing_else(outage: Outage) -> None:
    during = outage.during["keda-raised"]
    assert (outage.before["keda-raised"], during[-1]) == (1, 3)
    assert during == sorted(during)


@pytest.mark.proves("scale to zero and back on what is counted in front of a server", Proof.SIMULATOR)
def test_a_sleeping_server_is_not_woken_by_an_outage(outage: Outage) -> None:
    assert set(outage.during["asleep"] + outage.after["asleep"]) == {0}


@pytest.mark.proves("scale to zero and back on what is counted in front of a server", Proof.SIMULATOR)
def test_a_request_in_front_of_it_wakes_it_afterwards(outage: Outage) -> None:
    assert outage.woken == 1


def test_without_the_guards_the_replicas_go(outage: Outage) -> None:
    """The published form of a trigger, in the same outage: this test would see a shrinking server."""
    assert min(outage.after["published"]) < outage.before["published"]
