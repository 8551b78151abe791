"""Autoscaling signals, each defined once: unit, bounds, meaning and how pods combine.

What the two controllers do with a signal's value, so that a target can be chosen with open eyes
(https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details):

* across pods `sum` (additive: requests that wait). The HPA reads a Pods metric with `AverageValue`:
  `desired = ceil(ready pods x mean(value per pod) / target)`. KEDA reads the server's sum with `metricType: AverageValue`:
  `desired = ceil(sum / target)`. Both say "one replica per `target`".
* across pods `weighted`, `mean` or `max` (a ratio or a time: doubling the pods does not halve it by arithmetic). The HPA reads an
  Object metric with `Value` and KEDA the same with `metricType: Value`: `desired = ceil(current x value / target)`.

Inside the controller's tolerance (10 % by default) nothing happens; several signals on one server: the largest count wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AcrossPods(StrEnum):
    """How the values of a server's pods become the value of the server."""

    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    WEIGHTED = "weighted"
    """Numerators and denominators are summed first, then divided: a mean of ratios is not the server's ratio."""


class Unit(StrEnum):
    """The unit of a signal's recorded series; targets in a stack file may be written in the forms beside it."""

    SECONDS = "seconds"
    """`500ms` or `2s`."""
    REQUESTS = "requests"
    """A number of requests."""
    RATIO = "ratio"
    """`60%` or a number; 1 is the whole."""


@dataclass(frozen=True)
class Signal:
    """A named autoscaling quantity."""

    name: str
    title: str
    unit: Unit
    across_pods: AcrossPods
    meaning: str
    advice: str
    upper: float | None = None
    """The largest value the signal can take, in its unit; None where it has no ceiling. The smallest is 0."""
    resource: str | None = None
    """The resource of metrics.k8s.io that it is, measured by metrics-server and not by an engine."""


QUEUE_TIME = Signal(
    name="queue-time",
    title="Queue time",
    unit=Unit.SECONDS,
    across_pods=AcrossPods.WEIGHTED,
    meaning="mean time a request waits before it is computed, over the requests that completed in the window",
    advice="the wait a user accepts; it says nothing while no request completes, so pair it with requests-waiting for slow models",
)

REQUESTS_WAITING = Signal(
    name="requests-waiting",
    title="Requests waiting",
    unit=Unit.REQUESTS,
    across_pods=AcrossPods.SUM,
    meaning="requests that have arrived and are not yet computed, at the moment of the scrape",
    advice="requests in line per replica that one replica clears within the wait a user accepts; it reacts at the first scrape",
)

QUEUE_COMPUTE_RATIO = Signal(
    name="queue-compute-ratio",
    title="Queue to compute time",
    unit=Unit.RATIO,
    across_pods=AcrossPods.WEIGHTED,
    meaning="time spent waiting divided by time spent computing, over the requests that completed in the window",
    advice="1 means that a request waits as long as it computes; it needs no knowledge of how long a request takes",
)

QUEUE_LENGTH = Signal(
    name="queue-length",
    title="Queue length",
    unit=Unit.REQUESTS,
    across_pods=AcrossPods.SUM,
    meaning="requests that wait on average over the window: the waiting time spent per second, by Little's law",
    advice="requests in line per replica; steadier than requests-waiting, and it says nothing while no request completes",
)

REQUESTS_RUNNING = Signal(
    name="requests-running",
    title="Requests running",
    unit=Unit.REQUESTS,
    across_pods=AcrossPods.SUM,
    meaning="requests that are being computed, at the moment of the scrape",
    advice="requests that one replica computes at once with the latency a user accepts; it adds replicas before a line forms",
)

KV_CACHE_USAGE = Signal(
    name="kv-cache-usage",
    title="KV cache usage",
    unit=Unit.RATIO,
    across_pods=AcrossPods.MEAN,
    meaning="share of the memory for keys and values of running requests that is in use, mean over the replicas",
    advice="60 to 70 %: it cannot exceed 100 %, so it asks for at most present replicas / target; pair it with requests-waiting",
    upper=1,
)

STREAMS = Signal(
    name="streams",
    title="Streams",
    unit=Unit.REQUESTS,
    across_pods=AcrossPods.SUM,
    meaning="streams that are open, at the moment of the scrape",
    advice="streams that one replica serves in real time, less some room: a stream stays where it began",
)

CPU = Signal(
    name="cpu",
    title="CPU",
    unit=Unit.RATIO,
    across_pods=AcrossPods.MEAN,
    meaning="CPU used as a share of what the replicas request, mean over them",
    advice="for servers whose CPU works as hard as the GPU; a GPU that is full says nothing here",
    resource="cpu",
)

MEMORY = Signal(
    name="memory",
    title="Memory",
    unit=Unit.RATIO,
    across_pods=AcrossPods.MEAN,
    meaning="memory used as a share of what the replicas request, mean over them",
    advice="rarely right: most engines keep the memory that they once took, so it goes up and never down",
    upper=1,
    resource="memory",
)

_OF_ENGINES = (QUEUE_TIME, REQUESTS_WAITING, QUEUE_LENGTH, REQUESTS_RUNNING, QUEUE_COMPUTE_RATIO, KV_CACHE_USAGE, STREAMS)
_OF_PODS = (CPU, MEMORY)

SIGNALS: dict[str, Signal] = {signal.name: signal for signal in (*_OF_ENGINES, *_OF_PODS)}

RESOURCE_SIGNALS = tuple(signal.name for signal in _OF_PODS)
"""Signals that every engine offers, for they are those of its pods."""
