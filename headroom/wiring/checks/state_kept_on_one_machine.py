"""A stack that is for more than one machine keeps its state in a file of this one.

## Why it matters

Nobody else can see what was deployed, change it or take it down. Two people update the same cluster from two states, and the second
removes what the first made. With the disk goes the only record of what exists.

## How to mend it

Log in to a backend that all share and that locks: `pulumi login` (Pulumi Cloud), `pulumi login s3://<bucket>`, `gs://<bucket>` or
`azblob://<container>`; or set `PULUMI_BACKEND_URL`, in CI too. Move a stack by `pulumi stack export` and `pulumi stack import`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning


def check(facts: Facts) -> Iterator[Verdict]:
    for custody in facts.custodies:
        if custody.backend.startswith("file:"):
            yield warning(
                custody.place,
                f"the state of {custody.name} is a file on this machine: nobody else can see what is deployed, or lock it",
                "keep it in Pulumi Cloud, or in a bucket: pulumi login s3://<bucket>, gs://<bucket> or azblob://<container>",
            )
