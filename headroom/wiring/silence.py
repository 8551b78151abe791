"""Silencing one check on one object, with a reason, until a date: `headroom.dev/ignore-<check>: "<reason>, until 2027-01-31"`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from headroom.wiring.facts import Facts, Ignore
from headroom.wiring.finding import Finding

_FORM = re.compile(r"(?P<reason>.*?)[,;]?\s*until\s+(?P<day>\d{4}-\d{2}-\d{2})\s*", re.DOTALL)


@dataclass(frozen=True)
class Silence:
    reason: str
    until: date


def silence(ignore: Ignore) -> Silence | None:
    """What an annotation says; None where the reason or the date is missing."""
    match = _FORM.fullmatch(ignore.text) if isinstance(ignore.text, str) else None
    if match is None or not match["reason"].strip():
        return None
    try:
        return Silence(match["reason"].strip(), date.fromisoformat(match["day"]))
    except ValueError:
        return None


def is_silenced(facts: Facts, finding: Finding) -> bool:
    return any(
        ignore.check == finding.check and ignore.object == finding.place.object and _in_force(ignore, facts.today)
        for ignore in facts.ignores
    )


def _in_force(ignore: Ignore, today: date) -> bool:
    said = silence(ignore)
    return said is not None and today <= said.until
