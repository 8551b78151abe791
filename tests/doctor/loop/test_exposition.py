"""Whether an engine's exposition has what a rule reads."""

from __future__ import annotations

import pytest

from headroom.doctor.loop.exposition import missing, needed, series

TEXT = """\
# HELP queue Time in the queue
# TYPE queue counter
queue{model="a",note="x \\"y\\", z"} 1 1700000000000
queue{model="b"} 2
plain 3
ns:colons_total 4
"""


def test_samples_are_read_with_their_labels() -> None:
    assert series(TEXT) == {
        "queue": [{"model": "a", "note": 'x \\"y\\", z'}, {"model": "b"}],
        "plain": [{}],
        "ns:colons_total": [{}],
    }


@pytest.mark.parametrize(
    ("expression", "absent"),
    [
        ("rate(queue[1m]) / plain", []),
        ("rate(other[1m]) / plain", ["other"]),
        ('queue{model="a"}', []),
        ('queue{model="c"}', ['queue{model="c"}']),
        ('queue{model=~"a|c"}', []),
        ('plain{namespace="n", server="s", pod="p"}', []),
        ('queue and on (pod) count_over_time(up{server="s"}[1m])', []),
        ("rate(other[1m]) or plain * 0", []),
        ("rate(other[1m]) or another", ["other"]),
        ("(plain - (other))", ["other"]),
        ("other + other", ["other"]),
    ],
)
def test_what_an_expression_reads_and_nobody_exports_is_missing(expression: str, absent: list[str]) -> None:
    """Labels that Prometheus gives are not the engine's; of alternatives one is enough."""
    assert missing(expression, series(TEXT)) == absent


def test_what_is_needed_is_named_once() -> None:
    assert needed("rate(a[1m]) / (a + b) and on (pod) up") == ["a", "b"]
