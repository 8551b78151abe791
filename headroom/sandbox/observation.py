"""Asks the processes of the sandbox how they are, from inside its network namespace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from headroom.sandbox import records
from headroom.sandbox.layout import Layout
from headroom.sandbox.records import Record
from headroom.sandbox.status import ProcessState, dead, unwell
from headroom.sandbox.supervisor import Supervisor


def observe(layout: Layout) -> list[ProcessState]:
    """Every recorded process, asked for its health."""
    supervisor = Supervisor(layout, lambda _: None)
    recorded = records.read_all(layout)
    with ThreadPoolExecutor(max_workers=max(1, len(recorded))) as pool:
        return list(pool.map(lambda record: _state(layout, supervisor, record), recorded))


def _state(layout: Layout, supervisor: Supervisor, record: Record) -> ProcessState:
    if not records.alive(record):
        return dead(layout, record)
    answer = supervisor.ask(record.health) if record.health else None
    if answer is None or answer.healthy:
        return ProcessState(record.name, record.pid, "healthy", str(layout.log(record.name)))
    return unwell(layout, record, "unhealthy", answer.detail)
