"""An annotation silences a check that does not exist.

## Why it matters

It silences nothing: the name is misspelt, or the check has another name now.

## How to mend it

Use the name that the finding shows, or remove the annotation.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from headroom.wiring import registry
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning


def check(facts: Facts) -> Iterator[Verdict]:
    names = registry.all_checks()
    for ignore in facts.ignores:
        if ignore.check not in names:
            close = get_close_matches(ignore.check, names, 1)
            yield warning(
                ignore.place, f"there is no check {ignore.check}", f"write {close[0]}" if close else "use the name that the finding shows"
            )
