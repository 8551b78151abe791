"""A preStop hook runs only the first word of what is meant.

`sh -c` takes one text and runs it. Further elements of the list become its arguments `$0`, `$1`, …: in `["sh", "-c", "sleep", "30"]` the
shell runs `sleep` without a number.

## Why it matters

The hook fails or returns at once. The pod is not held while load balancers still send to it, and requests are refused at every scale-down.

## How to mend it

Put the whole script into one element, `["sh", "-c", "sleep 30"]`, or leave the shell out: `["sleep", "30"]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error

_SHELLS = ("sh", "bash", "ash", "dash")


def check(facts: Facts) -> Iterator[Verdict]:
    hooks = [container.pre_stop for workload in facts.workloads for container in workload.containers if container.pre_stop]
    for hook in hooks:
        words = [word for word in hook.command if isinstance(word, str)]
        if len(words) < 4 or words[0].rsplit("/", 1)[-1] not in _SHELLS or words[1] != "-c":
            continue
        if "$" not in words[2] and len(words[2].split()) == 1:
            yield error(
                hook.place,
                f"the shell runs {words[2]!r} alone; {' '.join(words[3:])!r} are its arguments and have no effect",
                f"write one element: {' '.join(words[2:])!r}",
            )
