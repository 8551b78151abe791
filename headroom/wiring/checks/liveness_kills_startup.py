"""The liveness probe ends the container before the engine can have started.

A model server answers its probes only after its models are loaded, which takes minutes. Without a startup probe the liveness probe counts
from the start: `initialDelaySeconds + failureThreshold × periodSeconds` is all the time there is.

## Why it matters

The kubelet kills the container while it loads, again and again. Replicas that the autoscaler adds never become ready, and it adds more.

## How to mend it

Add a startup probe whose `failureThreshold × periodSeconds` covers the slowest start. Liveness begins when it has succeeded.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.engines import Running
from headroom.wiring.facts import Facts, Probe
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.series import engines
from headroom.wiring.values import Unknown, seconds

_HOPELESS = 0.25
"""Of the time that an engine may take. With more than this a small model may well be up in time."""


def check(facts: Facts) -> Iterator[Verdict]:
    for _, found in engines(facts):
        liveness, startup = found.container.probe("liveness"), found.container.probe("startup")
        if startup is not None:
            yield from _of_startup(found, startup)
        elif liveness is not None:
            yield from _of_liveness(found, liveness)


def _of_liveness(found: Running, probe: Probe) -> Iterator[Verdict]:
    budget, needed = _budget(probe), found.engine.startup_seconds
    if isinstance(budget, Unknown):
        yield cannot_tell(probe.place, f"how long the container may take to start: {budget.why}", "write the probe's numbers out")
    elif budget < needed * _HOPELESS:
        yield error(
            probe.place,
            f"the liveness probe ends the container after {seconds(budget)}; {found.engine.title} may take {seconds(needed)} to start",
            f"add a startup probe of at least {seconds(needed)}",
        )
    elif budget < needed:
        yield cannot_tell(
            probe.place,
            f"whether the models load within {seconds(budget)}, after which the liveness probe ends the container: "
            f"{found.engine.title} may take {seconds(needed)}",
            f"add a startup probe of {seconds(needed)}, or silence this check with the start that was measured",
        )


def _of_startup(found: Running, probe: Probe) -> Iterator[Verdict]:
    budget, needed = _budget(probe), found.engine.startup_seconds
    if isinstance(budget, Unknown) or budget < needed:
        given = budget.why if isinstance(budget, Unknown) else f"the startup probe allows {seconds(budget)}"
        yield cannot_tell(
            probe.place,
            f"whether the models load in time: {given}, and {found.engine.title} may take {seconds(needed)}",
            f"allow {seconds(needed)}, or silence this check with the start that was measured",
        )


def _budget(probe: Probe) -> int | Unknown:
    parts = (probe.delay, probe.period, probe.failures)
    hole = next((part for part in parts if isinstance(part, Unknown)), None)
    delay, period, failures = (part if isinstance(part, int) else 0 for part in parts)
    return delay + period * failures if hole is None else hole
