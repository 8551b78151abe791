"""What the worker scaler does next, as a table: looks at a server, and the one step that follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.worker_scaler.decision import Action, Hold, Limits, Resize, Seen, SetMemory, SetWorkers, action, workers
from tests.evidence import Proof

LIMITS = Limits(minimum=1, maximum=4, pending_per_worker=2, quiet=60, memory=1000, memory_per_worker=500)
IDLE = Seen(workers=1, ready=1, pending=0, quiet=10, wanted_memory=1000, memory=1000)
BUSY = replace(IDLE, pending=3, quiet=0)
TWO = Seen(workers=2, ready=2, pending=0, quiet=0, wanted_memory=1500, memory=1500)

TABLE: dict[str, tuple[Seen, Action]] = {
    "enough": (IDLE, Hold("enough")),
    "a short line is fine": (replace(BUSY, pending=2), Hold("enough")),
    "memory grows before a worker is added": (BUSY, SetMemory(1500, "3 requests wait: memory for 2 workers first")),
    "no worker before the memory is there": (
        replace(BUSY, wanted_memory=1500, resize=Resize.IN_PROGRESS),
        Hold("the memory for a further worker is on its way"),
    ),
    "a resize that nobody has looked at yet is waited for": (
        replace(BUSY, wanted_memory=1500),
        Hold("the memory for a further worker is on its way"),
    ),
    "a deferred resize is waited for": (
        replace(BUSY, wanted_memory=1500, resize=Resize.DEFERRED),
        Hold("Deferred: the node has no room for a further worker now"),
    ),
    "a deferred resize is taken back when nobody waits any more": (
        replace(IDLE, wanted_memory=1500, resize=Resize.DEFERRED),
        SetMemory(1000, "1 workers need no more"),
    ),
    "an infeasible resize is taken back": (
        replace(BUSY, wanted_memory=1500, resize=Resize.INFEASIBLE, refused=True),
        SetMemory(1000, "the node can never give the memory for more"),
    ),
    "an infeasible resize is not asked for again soon": (
        replace(BUSY, refused=True),
        Hold("the node can never give the memory for more"),
    ),
    "an infeasible resize is taken back when nobody waits any more": (
        replace(IDLE, wanted_memory=1500, resize=Resize.INFEASIBLE, refused=True),
        SetMemory(1000, "1 workers need no more"),
    ),
    "a resize that the API server refused is not asked for again soon": (
        replace(IDLE, wanted_memory=1500, memory=1500, refused=True, refused_memory=1000),
        Hold("the API server refused a resize to 1000 bytes a short while ago"),
    ),
    "a resize to another size than was refused is asked for": (
        replace(IDLE, wanted_memory=1500, memory=1500, refused=True, refused_memory=2000),
        SetMemory(1000, "1 workers need no more"),
    ),
    "with the memory there, both bounds are set": (replace(BUSY, wanted_memory=1500, memory=1500), SetWorkers(2, "3 requests wait")),
    "one step at a time: the last worker first has to serve": (replace(TWO, ready=1, pending=9), Hold("a worker loads")),
    "at the most, the line is said": (
        replace(TWO, workers=4, ready=4, pending=20, wanted_memory=2500, memory=2500),
        Hold("20 requests wait, and 4 workers are the most that fit"),
    ),
    "a server that is not quiet keeps its workers": (replace(TWO, quiet=59), Hold("enough")),
    "a quiet one goes to its minimum": (replace(TWO, workers=4, ready=4, quiet=60), SetWorkers(1, "no request for 60 s")),
    "a quiet one does not wait for a worker that loads": (replace(TWO, ready=1, quiet=60), SetWorkers(1, "no request for 60 s")),
    "memory shrinks after the workers are gone": (
        replace(IDLE, quiet=60, wanted_memory=1500, memory=1500),
        SetMemory(1000, "1 workers need no more"),
    ),
    "a restarted server that lost its workers gets its minimum back": (
        replace(IDLE, workers=0, ready=0),
        SetWorkers(1, "0 requests wait"),
    ),
}


@pytest.mark.proves("TorchServe: workers follow the requests that wait, memory first", Proof.SCHEMA)
@pytest.mark.parametrize("case", TABLE)
def test_each_look_is_followed_by_one_step(case: str) -> None:
    seen, then = TABLE[case]
    assert action(seen, LIMITS) == then


@pytest.mark.parametrize(
    ("gpu", "each", "most"),
    [(0, 1644, 4), (40_000, 0, 4), (4096, 1644, 2), (80_000, 1644, 4), (1000, 1644, 1)],
    ids=["no bound said", "no size measured", "two fit", "the maximum holds", "one is always allowed"],
)
def test_gpu_memory_caps_the_workers(gpu: int, each: int, most: int) -> None:
    limits = replace(LIMITS, gpu_memory=gpu, gpu_memory_per_worker=each)
    assert limits.most == most
    assert workers(replace(TWO, workers=most, ready=most, pending=99), limits) == most


def simulate(seen: Seen, pending: list[int]) -> list[int]:
    """Workers over time where every resize and load is done by the next look."""
    course: list[int] = []
    for line in pending:
        seen = replace(seen, pending=line, quiet=0 if line else seen.quiet + 30)
        match action(seen, LIMITS):
            case SetWorkers(count):
                seen = replace(seen, workers=count, ready=count)
            case SetMemory(size):
                seen = replace(seen, wanted_memory=size, memory=size)
            case Hold():
                pass
        assert seen.memory >= LIMITS.memory_for(seen.workers), "workers never have less memory than they need"
        course.append(seen.workers)
    return course


def test_a_burst_comes_and_goes_without_flapping_and_memory_always_suffices() -> None:
    assert simulate(IDLE, [9] * 10 + [0] * 4) == [1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 1, 1, 1]
