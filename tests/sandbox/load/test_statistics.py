from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headroom.sandbox.load.statistics import Outcome, Percentiles, Summary, per_second, percentile, summarize


def test_failed_requests_are_counted_by_reason_and_not_timed() -> None:
    summary = summarize([Outcome(0.1, 0.1), Outcome(0.2, 9.0, "HTTP 500"), Outcome(0.3, 9.0, "HTTP 500")])
    assert (summary.completed, summary.failures, summary.failed, summary.p99) == (1, {"HTTP 500": 2}, 2, 0.1)


def test_no_requests_have_no_latency() -> None:
    assert summarize([]) == Summary(completed=0, failures={}, p50=None, p95=None, p99=None)


def test_percentiles_are_values_that_were_measured() -> None:
    ordered = [float(value) for value in range(1, 101)]
    assert [percentile(ordered, share) for share in (0.50, 0.95, 0.99, 1.0)] == [50.0, 95.0, 99.0, 100.0]


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_at_least_the_share_of_values_is_at_most_the_percentile(values: list[float], share: float) -> None:
    found = percentile(sorted(values), share)
    assert found is not None
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_each_second_has_its_own_summary() -> None:
    seconds = per_second([Outcome(0.2, 0.1), Outcome(0.9, 0.1), Outcome(2.5, 0.1, "HTTP 503")], 3)
    assert [(second.completed, second.failed) for second in seconds] == [(2, 0), (0, 0), (0, 1)]


def test_what_ends_after_the_last_second_belongs_to_it() -> None:
    assert per_second([Outcome(7.0, 6.5)], 2)[1].completed == 1


def test_what_a_protocol_measures_is_summarized_by_name_over_the_answered_requests() -> None:
    outcomes = [Outcome(1.0, 1.0, measures={"first token": value}) for value in (0.1, 0.2, 0.3)]
    summary = summarize([*outcomes, Outcome(1.0, 1.0, "HTTP 500", {"first token": 9.0}), Outcome(1.0, 1.0)])
    assert summary.measures == {"first token": Percentiles(0.2, 0.3, 0.3)}
