"""What a server did over time: load, signal, replicas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """One look at the loop, a second after the one before. None stands for what could not be read; it is never 0."""

    seconds: float
    """Since the recording began."""
    offered: float
    """Requests that the load keeps in flight, or sends per second, from this moment on."""
    completed: int
    """Requests answered since the sample before."""
    failed: int
    """Requests refused, broken off or answered with an error since the sample before."""
    latency: float | None
    """95th percentile of the answered ones, in seconds; None where none was answered."""
    signal: float | None
    """The server's recorded series, as Prometheus has it, in the signal's unit."""
    target: float | None
    """The recorded series of its target."""
    seen: float | None
    """The signal as the autoscaler last read it; None while it is unknown to it."""
    desired: int | None
    """Replicas that the autoscaler asks for."""
    ready: int | None
    """Replicas that serve."""
    pods: Mapping[str, int]
    """Pods by phase; `Terminating` for those that are being deleted, whatever their phase."""
