"""A finding was silenced until a date that has passed.

## Why it matters

The check speaks again, and the annotation no longer says anything true about the object.

## How to mend it

Mend what the check finds and remove the annotation, or give the reason anew with a later date.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning
from headroom.wiring.silence import silence


def check(facts: Facts) -> Iterator[Verdict]:
    for ignore in facts.ignores:
        said = silence(ignore)
        if said and facts.today > said.until:
            yield warning(
                ignore.place,
                f"{ignore.check} was silenced on {ignore.object} until {said.until} ({said.reason})",
                "mend it or set a new date",
            )
