"""A file of the directory cannot be read.

## Why it matters

What is in it was not judged: an autoscaler, a monitor or a rule may be missing from the chain that was followed, and a fault in the file
itself is not found. Mostly it is a template of Helm or of another tool, which is no YAML until it is rendered. A file that should be YAML
and is not will be refused by `kubectl apply` too.

## How to mend it

Judge what the templates make: `helm template <release> <chart> --values <file> > rendered.yaml`, then `headroom verify rendered.yaml`.
Where the file is nobody's manifest, name the files and directories that are, and leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell


def check(facts: Facts) -> Iterator[Verdict]:
    for file in facts.unread:
        yield cannot_tell(
            file.place, f"the file cannot be read, so what it holds is not judged: {file.problem}", "render it, or leave it out"
        )
