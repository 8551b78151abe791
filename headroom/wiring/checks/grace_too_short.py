"""The pod is killed before its server has drained.

`terminationGracePeriodSeconds` (30 where it is not set) includes the preStop hook: when the hook has ended, SIGTERM is sent, and the
server has what is left to finish its requests.

## Why it matters

At every scale-down requests and streams in flight are cut off. An autoscaled server scales down many times a day.

## How to mend it

Make the grace period longer than the hook and the engine's own exit timeout together.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.engines import exit_seconds, running
from headroom.wiring.facts import Container, Facts, Workload
from headroom.wiring.finding import Verdict, error, warning
from headroom.wiring.values import Unknown, seconds


def check(facts: Facts) -> Iterator[Verdict]:
    for workload in facts.workloads:
        for container in workload.containers:
            yield from _judge(workload, container)


def _judge(workload: Workload, container: Container) -> Iterator[Verdict]:
    hook, grace = container.pre_stop, workload.grace_seconds
    held = hook.seconds if hook else 0
    if isinstance(grace, Unknown) or isinstance(held, Unknown):
        return
    if hook and held >= grace:
        yield error(
            hook.place,
            f"the preStop hook takes {seconds(held)} of a grace period of {seconds(grace)}: no time is left to drain",
            f"set terminationGracePeriodSeconds well above {held:g}",
        )
        return
    needed = _exit(workload, container)
    if needed and held + needed > grace:
        place = hook.place if hook else container.place
        yield warning(
            place,
            f"the hook ({seconds(held)}) and the engine's exit timeout ({seconds(needed)}) exceed the grace period of {seconds(grace)}",
            f"set terminationGracePeriodSeconds to more than {held + needed:g}",
        )


def _exit(workload: Workload, container: Container) -> int | None:
    """How long the engine is told to wait for requests in flight, where its arguments say so."""
    found = running(workload)
    told = exit_seconds(found) if found and found.container is container else None
    return told if isinstance(told, int) else None
