"""A secret stands in plain text.

A value under the name of a secret (`password`, `NGC_API_KEY`, `--token=…`), or of a shape that an issuer gives its tokens. The value is
never repeated in a finding.

## Why it matters

Whoever can read the repository, the pull request, the log or the object has the secret. What was committed once stays in the history:
it is no secret any more.

## How to mend it

Revoke it and make a new one. Keep that in a Secret that is made elsewhere and read it from there (`valueFrom.secretKeyRef`); in a stack
file, below `credentials`, set by `pulumi config set --secret --path headroom:credentials.<name>`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error


def check(facts: Facts) -> Iterator[Verdict]:
    for found in facts.plaintexts:
        where = f" ({found.name})" if found.name else ""
        yield error(
            found.place,
            f"{found.what}{where} stands in plain text: [redacted]",
            "revoke it, and read the new one from a Secret or from encrypted credentials",
        )
