"""Processes that outlive the agent: started detached, and told by number and start time, so that none is taken for another."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STATUS_DESCRIPTOR = 3


@dataclass(frozen=True)
class Process:
    """`ticks` is when it started, in clock ticks since boot."""

    pid: int
    ticks: int

    def alive(self) -> bool:
        return start_ticks(self.pid) == self.ticks

    def signal(self, number: int) -> None:
        if self.alive():
            send(self.pid, number)

    async def wait(self) -> None:
        """Until it is gone, whoever started it."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if self.alive():
                await _readable(descriptor)
            reap(self.pid)
        finally:
            os.close(descriptor)


def start_ticks(pid: int) -> int | None:
    """When a process started; None when there is no such process, or only its zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def spawn(command: Sequence[str], environment: Mapping[str, str], errors: Path, status: int | None = None) -> Process:
    """Starts a command in a session of its own; `status` is handed to it as `STATUS_DESCRIPTOR`."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, str(errors), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        *([(os.POSIX_SPAWN_DUP2, status, STATUS_DESCRIPTOR)] if status is not None else []),
    ]
    pid = os.posix_spawnp(command[0], list(command), dict(environment), file_actions=actions, setsid=True)
    return Process(pid, start_ticks(pid) or 0)


def send(pid: int, number: int) -> None:
    """A signal, to a process that may just have gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def reap(pid: int) -> None:
    """Takes the leavings of a child that has ended; a process that is no child leaves none here."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    gone = loop.create_future()
    loop.add_reader(descriptor, lambda: gone.done() or gone.set_result(None))
    try:
        await gone
    finally:
        loop.remove_reader(descriptor)
