"""What is known of the sandbox's processes: a record per process, and whether that very process still lives.

A process is told apart from a later one with the same id by the kernel's boot id and the tick it was started at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from headroom.sandbox.layout import Layout
from headroom.tools.files import replace_text

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Record:
    name: str
    pid: int
    started: str
    fingerprint: str
    argv: tuple[str, ...]
    health: str | None = None


def started(pid: int) -> str | None:
    """When the living process `pid` was started, as an opaque mark; None where there is none, or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command, in parentheses, may itself hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    state, start_tick = fields[0], fields[19]
    return None if state in "ZX" else f"{BOOT_ID.read_text().strip()}/{start_tick}"


def alive(record: Record) -> bool:
    return started(record.pid) == record.started


def write(layout: Layout, record: Record) -> None:
    replace_text(layout.record(record.name), json.dumps(asdict(record), indent=2) + "\n")


def read(layout: Layout, name: str) -> Record | None:
    try:
        fields = json.loads(layout.record(name).read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        # Cut off in the middle of a write: the process, if any, is found by its environment.
        return None
    return Record(**{**fields, "argv": tuple(fields["argv"])})


def read_all(layout: Layout) -> list[Record]:
    names = sorted(path.stem for path in layout.record("*").parent.glob("*.json"))
    return [record for name in names if (record := read(layout, name))]


def forget(layout: Layout, name: str) -> None:
    layout.record(name).unlink(missing_ok=True)


def marked(layout: Layout) -> Iterator[tuple[psutil.Process, str | None]]:
    """Every process of this user that belongs to the sandbox by its environment, with the name it was started under."""
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
        if environment.get("HEADROOM_SANDBOX") == layout.mark:
            yield process, environment.get("HEADROOM_SANDBOX_PROCESS")
