"""Waiting until an object is gone."""

from __future__ import annotations

import itertools
import threading

from headroom.plugins.kubernetes.awaiting import look
from headroom.plugins.kubernetes.awaiting.annotations import skips_await, timeout_of
from headroom.plugins.kubernetes.awaiting.clock import SYSTEM, Clock, pause_after_look
from headroom.plugins.kubernetes.awaiting.loop import SKIPPED, Report
from headroom.plugins.kubernetes.awaiting.objects import at
from headroom.plugins.kubernetes.awaiting.outcome import Cancelled, StillThere
from headroom.plugins.kubernetes.awaiting.table import DELETES_WITHOUT_WAIT
from headroom.plugins.kubernetes.awaiting.verdict import CONDITION_TIMED_OUT, CONTEXT_CANCELED
from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.errors import ClusterError

SCHEDULED = "Resource scheduled for deletion"


def wait_deleted(
    client: look.Reader,
    live: Object,
    *,
    inputs: Object,
    timeout: float | None,
    cancelled: threading.Event,
    report: Report,
    clock: Clock = SYSTEM,
) -> None:
    """Return once the object `live` no longer exists; another one of its name is none of its own.

    `timeout` and `report` as in `wait_ready`. Raises `StillThere`, `Cancelled`.
    """
    if skips_await(inputs) and GVK.of(live) in DELETES_WITHOUT_WAIT:
        report(SKIPPED, "info")
        return
    deadline, scheduled = clock.now() + timeout_of(inputs, timeout), False
    for number in itertools.count():
        found = _found(client, live, report)
        if found is None:
            return
        live = found
        if at(live, "metadata", "deletionTimestamp") and not scheduled:
            report(SCHEDULED, "info")
            scheduled = True
        left = deadline - clock.now()
        if cancelled.is_set():
            raise Cancelled(live, [CONTEXT_CANCELED])
        if left <= 0:
            finalizers = ", ".join(at(live, "metadata", "finalizers", default=()))
            raise StillThere(f"finalizers might be preventing deletion ({finalizers})", CONDITION_TIMED_OUT)
        clock.pause(cancelled, min(pause_after_look(number), left))


def _found(client: look.Reader, live: Object, report: Report) -> Object | None:
    """The object as it is now, None when it is gone; as it was when the API server cannot be asked right now."""
    try:
        return look.current(client, live)
    except ClusterError as error:
        report(f"unexpected error while checking cluster state: {error}", "warning")
        return live
