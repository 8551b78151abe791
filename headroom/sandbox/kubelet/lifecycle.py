"""Decisions over a container's life: whether it starts again and when, and the steps by which it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A real kubelet waits 10 s after the first crash and doubles that up to 300 s; ten minutes of running forget it.
# Here everything is ten times as quick, so that a crash loop is seen in seconds and has the same shape.
FIRST_BACK_OFF, LONGEST_BACK_OFF, FORGIVEN_AFTER = 1.0, 30.0, 60.0
# After the grace period is used up by preStop, a kubelet still leaves this much for SIGTERM.
LEAST_GRACE = 2.0


@dataclass
class BackOff:
    """Seconds between crashes: doubled each time, forgotten after a long run."""

    _next: float = 0.0

    def after(self, ran: float) -> float:
        """How long to wait, the container having run for `ran` seconds."""
        if ran >= FORGIVEN_AFTER:
            self._next = 0.0
        now = self._next
        self._next = min(max(FIRST_BACK_OFF, now * 2), LONGEST_BACK_OFF)
        return now


def restarts(policy: str, exit_code: int) -> bool:
    """Whether a container that ended starts again, by the pod's `restartPolicy`."""
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def is_sidecar(container: Mapping[str, Any]) -> bool:
    """An init container that runs beside the containers; theirs has no restartPolicy of its own here."""
    return container.get("restartPolicy") == "Always"


@dataclass(frozen=True)
class Step:
    """A step of ending a container: `exec`, `httpGet` or `sleep` (its preStop hook, with `settings`), `terminate`, `kill`."""

    do: str
    settings: Mapping[str, Any] | None = None


def ending(container: Mapping[str, Any], grace: float) -> list[Step]:
    """preStop and SIGTERM share the grace period, then SIGKILL. A grace of 0 kills at once."""
    if grace <= 0:
        return [Step("kill")]
    hook = (container.get("lifecycle") or {}).get("preStop")
    first = [Step(action, settings) for action, settings in hook.items()] if hook else []
    return [*first, Step("terminate"), Step("kill")]


def grace_left(grace: float, used: float) -> float:
    """What preStop leaves of the grace period for SIGTERM."""
    return max(LEAST_GRACE, grace - used)


def ending_order(names: list[str], sidecars: list[str]) -> list[list[str]]:
    """Containers end together; after them the sidecars, the last started first."""
    return [names, *([name] for name in reversed(sidecars))]
