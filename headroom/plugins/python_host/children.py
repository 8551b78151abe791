"""The processes that the host started: each in a group of its own, none left when the host goes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_GRACE_SECONDS = 3


class Children:
    """Starts processes and can end them all, from any thread."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def started(
        self, argv: Sequence[str | Path], *, cwd: str, env: Mapping[str, str], piped: bool = False
    ) -> Iterator[subprocess.Popen[bytes]]:
        """The process while the block runs; it is ended with the block. Its output is the host's own unless `piped`."""
        sink = subprocess.PIPE if piped else None
        with self._lock:
            if self._closed:
                raise RuntimeError("the language host is shutting down")
            process = subprocess.Popen(argv, cwd=cwd or None, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, process_group=0)
            self._running.add(process)
        try:
            yield process
        finally:
            end(process)
            with self._lock:
                self._running.discard(process)

    def end_all(self) -> None:
        """Ends every process and what it started; nothing can be started afterwards."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that still runs, with its whole group: asked first, killed after a grace period."""
    if process.poll() is not None:
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
