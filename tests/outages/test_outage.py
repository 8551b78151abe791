"""A blind autoscaler holds: every cell of the table in docs/blindness.md, seen at the real controllers in one outage of Prometheus."""

from __future__ import annotations

import pytest

from tests.evidence import Proof
from tests.outages.cells import EVENTS, SERVERS, Row, rows
from tests.outages.outage import Outage

pytestmark = [pytest.mark.tools, pytest.mark.timeout(1800)]

FALLBACK = 3
CELLS = [pytest.param(row, event, id=f"{row.server}-{event.replace(' ', '-')}") for row in rows() for event in EVENTS]
BLIND = {
    "hpa-sum": "FailedGetPodsMetric",
    "hpa-value": "FailedGetObjectMetric",
    "keda-sum": "FailedGetExternalMetric",
    "keda-value": "FailedGetExternalMetric",
    "awake": "FailedGetExternalMetric",
    "awake-value": "FailedGetExternalMetric",
}


def test_every_row_of_the_page_has_a_server() -> None:
    assert {(row.backend, row.signal, row.replicas) for row in rows()} == set(SERVERS)


def seen(outage: Outage, row: Row, event: str) -> tuple[int, list[int]]:
    """Replicas before the event, and from then on."""
    if event == "series gone":
        return outage.settled[f"{row.server}-gone"], outage.gone[f"{row.server}-gone"]
    replicas = outage.during if event == "Prometheus gone" else outage.after
    return outage.before[row.server], replicas[row.server]


@pytest.mark.proves(
    "a blind autoscaler holds: series gone, Prometheus gone, Prometheus back on old samples, on both backends", Proof.SIMULATOR
)
@pytest.mark.parametrize(("row", "event"), CELLS)
def test_a_cell_of_the_table(outage: Outage, row: Row, event: str) -> None:
    before, replicas = seen(outage, row, event)
    outcome = row.outcomes[event]
    if outcome == "raises":
        assert (replicas == sorted(replicas), replicas[0], replicas[-1]) == (True, before, FALLBACK)
    elif outcome == "follows the signal":
        assert min(replicas) >= before
    else:
        assert (outcome, set(replicas)) in (("holds", {before}), ("stays asleep", {0}))


@pytest.mark.parametrize(("server", "reason"), BLIND.items())
def test_a_blind_autoscaler_says_so(outage: Outage, server: str, reason: str) -> None:
    assert outage.blind[server] == reason


@pytest.mark.parametrize("server", BLIND)
def test_it_sees_again_by_itself(outage: Outage, server: str) -> None:
    assert outage.seeing[server] is None


@pytest.mark.proves("scale to zero and back on what is counted in front of a server", Proof.SIMULATOR)
def test_a_request_in_front_of_it_wakes_a_server_that_slept(outage: Outage) -> None:
    assert outage.woken == 1


def test_without_the_guards_the_replicas_go(outage: Outage) -> None:
    """The published form of a trigger, in the same outage: a server that shrinks would be seen."""
    assert min(outage.after["published"]) < outage.before["published"]
