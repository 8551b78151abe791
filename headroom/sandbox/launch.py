"""Starts single processes of the sandbox and ends them; knows nothing of namespaces or readiness."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import psutil

from headroom.sandbox import records
from headroom.sandbox.errors import CannotRun
from headroom.sandbox.layout import Layout
from headroom.sandbox.process import Process, environment, fingerprint
from headroom.sandbox.records import Record

LAST_LINES = 12
GRACE_SECONDS = 8


def start(layout: Layout, process: Process, prefix: tuple[str, ...] = ()) -> Record:
    """Starts and records a process that outlives this one; `prefix` is the command that enters the namespace."""
    log = layout.log(process.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(layout.previous_log(process.name))
    # Taken before the start: what changes meanwhile makes it start again, never run with what is old.
    mark = fingerprint(process)
    command = [*prefix, *_with_hosts(process), *process.argv]
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                command,
                env=environment(layout.mark, process),
                cwd=layout.root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=tuple(process.inherits.values()),
            )
        except OSError as error:
            raise CannotRun(Path(command[0]), error) from None
    record = Record(process.name, child.pid, records.started(child.pid) or "gone", mark, process.argv, process.health_url)
    records.write(layout, record)
    return record


def _with_hosts(process: Process) -> tuple[str, ...]:
    """The command that gives the process its `/etc/hosts` and then becomes it."""
    if process.hosts is None:
        return ()
    return ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(process.hosts))


def end(layout: Layout, names: Iterable[str]) -> None:
    """Ends the recorded processes of these names and forgets them."""
    found = [record for name in names if (record := records.read(layout, name))]
    end_all([psutil.Process(record.pid) for record in found if records.alive(record)])
    for record in found:
        records.forget(layout, record.name)


def end_all(processes: list[psutil.Process]) -> None:
    """TERM, then after a while KILL."""
    if stubborn := _signal_and_wait(processes, psutil.Process.terminate):
        _signal_and_wait(stubborn, psutil.Process.kill)


def _signal_and_wait(processes: list[psutil.Process], send: Callable[[psutil.Process], None]) -> list[psutil.Process]:
    """Those still there after a while. What nobody has reaped yet counts as gone."""
    marks = {process: mark for process in processes if (mark := records.started(process.pid))}
    for process in marks:
        with contextlib.suppress(psutil.NoSuchProcess):
            send(process)
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := [process for process, mark in marks.items() if records.started(process.pid) == mark]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def runs(process: psutil.Process, argv: Sequence[str]) -> bool:
    """Whether `process` runs the program of `argv`: what it started itself carries its name, and lives on without it."""
    try:
        return program(process.cmdline()) == program(argv)
    except psutil.NoSuchProcess:
        return False


def program(argv: Sequence[str]) -> tuple[str, ...]:
    """The file name of a binary, or Python's module."""
    return tuple(argv[1:3]) if "-m" in argv[1:2] else tuple(Path(word).name for word in argv[:1])


def last_lines(log: Path, count: int = LAST_LINES) -> list[str]:
    """The end of a log, empty where there is none."""
    try:
        with log.open("rb") as content:
            content.seek(0, 2)
            content.seek(max(0, content.tell() - 64 * 1024))
            return content.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []
