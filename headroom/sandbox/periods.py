"""The periods of the loop that the sandbox shortens, so that a change is seen in seconds.

They are the controllers' only; what the stack's own objects say (scrape and rule intervals, scaling behaviour) is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Period:
    """A flag of the controller manager, in seconds: here, and where nobody sets it."""

    flag: str
    seconds: int
    default: int
    meaning: str


PERIODS = (
    Period("horizontal-pod-autoscaler-sync-period", 2, 15, "between two looks of the autoscaler at its metrics"),
    Period("horizontal-pod-autoscaler-downscale-stabilization", 5, 300, "window of the highest wish, where an object sets none"),
    Period("horizontal-pod-autoscaler-initial-readiness-delay", 1, 30, "in which a pod's first readiness is not believed"),
    Period("horizontal-pod-autoscaler-cpu-initialization-period", 1, 300, "in which a pod's CPU use is left out"),
)


def flags() -> tuple[str, ...]:
    return tuple(f"--{period.flag}={period.seconds}s" for period in PERIODS)
