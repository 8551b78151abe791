from __future__ import annotations

from headroom.sandbox.scenarios.reaction import crossed, reaction, waits
from headroom.sandbox.scenarios.recording import Change
from headroom.settings.platform import Monitoring
from tests.sandbox.scenarios.recordings import CLOSED, recording, sample


def test_the_reaction_is_from_the_beginning_of_the_phase_to_the_first_rise() -> None:
    assert reaction(CLOSED, "load") == 2.5


def test_a_rise_before_the_phase_is_not_a_reaction_to_it() -> None:
    assert reaction(recording(sample(1), changes=(Change(9, 1, 2), Change(15, 2, 3))), "load") == 5


def test_a_fall_is_not_a_reaction() -> None:
    assert reaction(recording(sample(1), changes=(Change(12, 2, 1),)), "load") is None


def test_a_phase_that_was_not_come_to_has_no_reaction() -> None:
    assert reaction(CLOSED, "later") is None


def test_a_rise_after_the_phase_is_not_a_reaction_to_it() -> None:
    assert reaction(recording(sample(1), changes=(Change(41, 1, 2),)), "load") is None


def test_the_signal_crosses_when_it_is_first_recorded_above_its_target() -> None:
    seen = recording(
        sample(9, signal=0.3), sample(11, signal=0.2), sample(12, signal=None), sample(13, signal=0.21), sample(14, signal=1.0)
    )
    assert crossed(seen, "load") == 3


def test_a_signal_below_its_target_never_crosses() -> None:
    assert crossed(CLOSED, "load") is None


def test_the_loop_waits_for_scrape_rule_and_autoscaler() -> None:
    monitoring = Monitoring.model_validate({"scrapeInterval": "1s", "window": "10s"})
    assert [(wait.name, wait.seconds) for wait in waits(monitoring, sandbox=True)] == [
        ("scrape", 1),
        ("recording rule", 1),
        ("autoscaler's look", 2),
    ]


def test_on_another_cluster_the_autoscaler_looks_at_its_default_period() -> None:
    assert waits(Monitoring(), sandbox=False)[-1].seconds == 15
