from __future__ import annotations

from headroom.sandbox.scenarios.reaction import reaction, waits
from headroom.sandbox.scenarios.recording import Change
from headroom.settings.platform import Monitoring
from tests.sandbox.scenarios.recordings import CLOSED, recording, sample


def test_the_reaction_is_from_the_beginning_of_the_phase_to_the_first_rise() -> None:
    assert reaction(CLOSED, "load") == 2.5


def test_a_rise_before_the_phase_is_not_a_reaction_to_it() -> None:
    assert reaction(recording(sample(1), changes=(Change(9, 1, 2), Change(15, 2, 3))), "load") == 5


def test_a_fall_is_not_a_reaction() -> None:
    assert reaction(recording(sample(1), changes=(Change(12, 2, 1),)), "load") is None


def test_a_rise_after_the_phase_is_not_a_reaction_to_it() -> None:
    assert reaction(recording(sample(1), changes=(Change(41, 1, 2),)), "load") is None


def test_the_loop_waits_for_scrape_rule_and_autoscaler() -> None:
    monitoring = Monitoring.model_validate({"scrapeInterval": "1s", "window": "10s"})
    assert [(wait.name, wait.seconds) for wait in waits(monitoring, sandbox=True)] == [
        ("scrape", 1),
        ("recording rule", 1),
        ("autoscaler's look", 2),
    ]


def test_on_another_cluster_the_autoscaler_looks_at_its_default_period() -> None:
    assert waits(Monitoring(), sandbox=False)[-1].seconds == 15
