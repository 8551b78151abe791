from __future__ import annotations

from headroom.sandbox.engines.exposition import HistogramFamily, read, written
from headroom.sandbox.engines.histogram import Histogram


def observed() -> Histogram:
    histogram = Histogram((1, 2, 5))
    for value in (0.5, 1, 1.5, 4, 9):
        histogram.observe(value)
    return histogram


def test_a_bucket_counts_what_does_not_exceed_its_bound() -> None:
    assert observed().buckets() == [("1.0", 2), ("2.0", 3), ("5.0", 4), ("+Inf", 5)]


def test_fewer_bounds_count_the_same_observations() -> None:
    coarse = observed().coarser((2,))
    assert (coarse.buckets(), coarse.sum, coarse.count) == ([("2.0", 3), ("+Inf", 5)], 16.0, 5)


def test_it_is_written_as_buckets_count_and_sum() -> None:
    assert written([HistogramFamily("wait", "Seconds", (({"model": "a"}, observed().coarser((2,))),))]).splitlines() == [
        "# HELP wait Seconds",
        "# TYPE wait histogram",
        'wait_bucket{le="2.0",model="a"} 3',
        'wait_bucket{le="+Inf",model="a"} 5',
        'wait_count{model="a"} 5',
        'wait_sum{model="a"} 16',
    ]


def test_its_parts_are_read_under_their_own_names() -> None:
    found = read(written([HistogramFamily("wait", "Seconds", (({}, observed()),))]))
    assert (found["wait_count"].samples, found["wait_count"].type) == ((({}, 5.0),), "histogram")
