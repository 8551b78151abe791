"""A finding is silenced without a reason or without an end.

The form is `headroom.dev/ignore-<check>: "<reason>, until 2027-01-31"`.

## Why it matters

Nobody knows later whether it may go, so it stays. An annotation in another form silences nothing.

## How to mend it

Write why the finding does not matter here, and until when that is to be believed.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning
from headroom.wiring.silence import silence
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for ignore in facts.ignores:
        if silence(ignore) is None:
            said = "?" if isinstance(ignore.text, Unknown) else ignore.text
            yield warning(
                ignore.place,
                f"the annotation that is to silence {ignore.check} says {said!r}: reason or date is missing, so it silences nothing",
                'write "<reason>, until <year-month-day>"',
            )
