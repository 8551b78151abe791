"""A Prometheus histogram: observations counted by bounds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Histogram:
    """`bounds` ascend; the last bucket, without bound, is added."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.sum = 0.0
        self._counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        return sum(self._counts)

    def coarser(self, bounds: Sequence[float]) -> Histogram:
        """The same observations by fewer bounds, which must be among its own."""
        other = Histogram(bounds)
        other.sum = self.sum
        for bound, count in zip((*self.bounds, float("inf")), self._counts, strict=True):
            other._counts[bisect_left(other.bounds, bound)] += count
        return other

    def buckets(self) -> list[tuple[str, int]]:
        """Upper bound as Prometheus writes it, and how many observations do not exceed it."""
        bounds = [*(str(float(bound)) for bound in self.bounds), "+Inf"]
        return list(zip(bounds, accumulate(self._counts), strict=True))
