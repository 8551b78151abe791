"""How many workers, and what to do next: pure functions of what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Limits:
    """What a server's owner has measured and wants. GPU memory in MiB, memory in bytes, times in seconds."""

    minimum: int
    maximum: int
    pending_per_worker: float
    """Requests in line per worker that are still fine."""
    quiet: float
    """How long no request may have come before workers are removed: longer than the longest request."""
    memory: int
    """Of the container with `minimum` workers."""
    memory_per_worker: int
    gpu_memory: int = 0
    """What the pod may use of its GPU (a MIG slice, say); 0 where that sets no bound."""
    gpu_memory_per_worker: int = 0

    @property
    def most(self) -> int:
        """The most workers that memory on the GPU and the maximum allow; one is always allowed, or nothing would be served."""
        if not self.gpu_memory or not self.gpu_memory_per_worker:
            return self.maximum
        return max(1, min(self.maximum, self.gpu_memory // self.gpu_memory_per_worker))

    def memory_for(self, workers: int) -> int:
        return self.memory + (workers - self.minimum) * self.memory_per_worker


class Resize(StrEnum):
    """How far the latest resize of the pod is, by its conditions."""

    DONE = "Done"
    IN_PROGRESS = "InProgress"
    DEFERRED = "Deferred"
    """The node has no room now; the kubelet tries again by itself."""
    INFEASIBLE = "Infeasible"
    """It can never be on this node."""


@dataclass(frozen=True)
class Seen:
    """One look at the server and its pod."""

    workers: int
    """All there are, those that load too."""
    ready: int
    pending: int
    quiet: float
    """Seconds since a request came or waited."""
    wanted_memory: int
    """Of the container's spec, in bytes."""
    memory: int
    """What the kubelet has given it, in bytes."""
    resize: Resize = Resize.DONE
    refused: bool = False
    """Whether a resize was found infeasible a short while ago."""
    refused_memory: int | None = None
    """What the API server refused to make it, a short while ago."""


@dataclass(frozen=True)
class SetWorkers:
    """Both bounds are to be set to it: `max_worker` alone changes nothing, and defaults to `min_worker` when it is left out."""

    workers: int
    why: str


@dataclass(frozen=True)
class SetMemory:
    memory: int
    why: str


@dataclass(frozen=True)
class Hold:
    why: str


Action = SetWorkers | SetMemory | Hold


def workers(seen: Seen, limits: Limits) -> int:
    """How many workers there should be.

    One more at a time: whether the last one paid shows only once it serves, and beyond the GPU's knee none pays. Fewer only when nobody
    is being served, because TorchServe ends a removed worker in the middle of its request, and then down to the minimum at once.
    """
    most, least = limits.most, min(limits.minimum, limits.most)
    if seen.workers < least:
        return least
    if seen.quiet >= limits.quiet:
        return least
    if seen.ready < seen.workers:
        return seen.workers
    if seen.pending > limits.pending_per_worker * seen.workers:
        return max(seen.workers, min(most, seen.workers + 1))
    return seen.workers


def action(seen: Seen, limits: Limits) -> Action:
    """The next step: memory grows before a worker is added and shrinks after it is gone."""
    step = _step(seen, limits)
    if isinstance(step, SetMemory) and step.memory == seen.refused_memory:
        return Hold(f"the API server refused a resize to {step.memory} bytes a short while ago")
    return step


def _step(seen: Seen, limits: Limits) -> Action:
    wanted = workers(seen, limits)
    if wanted < seen.workers:
        return SetWorkers(wanted, f"no request for {seen.quiet:.0f} s")
    if wanted > seen.workers:
        return _grow(seen, limits, wanted)
    own = limits.memory_for(seen.workers)
    if seen.ready == seen.workers and seen.wanted_memory != own:
        return SetMemory(own, f"{seen.workers} workers need no more" if seen.wanted_memory > own else f"{seen.workers} workers need it")
    if seen.pending > limits.pending_per_worker * seen.workers and seen.ready == seen.workers:
        return Hold(f"{seen.pending} requests wait, and {seen.workers} workers are the most that fit")
    return Hold("a worker loads" if seen.ready < seen.workers else "enough")


def _grow(seen: Seen, limits: Limits, wanted: int) -> Action:
    if seen.refused:
        return _without_room(seen, limits, "the node can never give the memory for more")
    need = limits.memory_for(wanted)
    if seen.resize is Resize.INFEASIBLE and seen.wanted_memory >= need:
        return _without_room(seen, limits, "Infeasible: the node can never give the memory for more")
    if seen.wanted_memory < need:
        return SetMemory(need, f"{seen.pending} requests wait: memory for {wanted} workers first")
    if seen.memory >= need:
        return SetWorkers(wanted, f"{seen.pending} requests wait")
    if seen.resize is Resize.DEFERRED:
        return Hold("Deferred: the node has no room for a further worker now")
    return Hold("the memory for a further worker is on its way")


def _without_room(seen: Seen, limits: Limits, why: str) -> Action:
    """A demand that cannot be met is taken back: a spec that the node refuses would stand in the way of every later one."""
    own = limits.memory_for(seen.workers)
    return SetMemory(own, why) if seen.wanted_memory > own else Hold(why)
