"""How the sandbox is: every process, whether it lives and serves, and where its log is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from headroom.sandbox import records
from headroom.sandbox.launch import last_lines
from headroom.sandbox.layout import Layout
from headroom.sandbox.records import Record


@dataclass(frozen=True)
class ProcessState:
    """`detail` says what is wrong: the answer of the health URL, or nothing; `last_lines` are given for what is not well."""

    name: str
    pid: int
    state: Literal["healthy", "unhealthy", "dead"]
    log: str
    detail: str = ""
    last_lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """`whole`: whether the last `up` came to its end. `urls` are reachable from outside the namespace."""

    state: Literal["healthy", "unhealthy", "down"]
    whole: bool
    kubeconfig: str
    urls: dict[str, str]
    processes: tuple[ProcessState, ...] = ()


def observe_without_namespace(layout: Layout) -> list[ProcessState]:
    """From outside, when nobody holds the namespace any more: nothing inside can be asked."""
    return [dead(layout, record) if not records.alive(record) else _lost(layout, record) for record in records.read_all(layout)]


def overall(states: list[ProcessState], whole: bool) -> Literal["healthy", "unhealthy", "down"]:
    if not states:
        return "down"
    return "healthy" if whole and all(state.state == "healthy" for state in states) else "unhealthy"


def dead(layout: Layout, record: Record) -> ProcessState:
    return unwell(layout, record, "dead", "it died")


def _lost(layout: Layout, record: Record) -> ProcessState:
    return unwell(layout, record, "unhealthy", "the holder of its network namespace died")


def unwell(layout: Layout, record: Record, state: Literal["unhealthy", "dead"], detail: str) -> ProcessState:
    log = layout.log(record.name)
    return ProcessState(record.name, record.pid, state, str(log), detail, tuple(last_lines(log)))


def as_json(status: Status) -> dict[str, Any]:
    return {
        "state": status.state,
        "whole": status.whole,
        "kubeconfig": status.kubeconfig,
        "urls": status.urls,
        "processes": [{**vars(process), "last_lines": list(process.last_lines)} for process in status.processes],
    }
