"""One `up` or `down` of a clone at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from headroom.sandbox.layout import Layout
from headroom.sandbox.report import Report

Lock = int
"""A file descriptor. Whoever is given it holds the lock as well, for as long as it has it open."""


@contextmanager
def alone(layout: Layout, report: Report) -> Iterator[Lock]:
    """Waits for the clone's lock; the kernel frees it when the last of its holders ends, however it ends."""
    layout.lock.parent.mkdir(parents=True, exist_ok=True)
    with layout.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another `sandbox up` or `down` of this clone runs: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
