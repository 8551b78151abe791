"""Runs one long command: its lines as they come, its last lines kept, its whole process group ended with us."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_SECONDS = 0.5
_TAIL_LINES = 20
_GRACE_SECONDS = 5


@dataclass(frozen=True)
class Outcome:
    code: int
    tail: tuple[str, ...]


def stream(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    heard: Callable[[str], None],
    tick: Callable[[], None],
) -> Outcome:
    """Runs `argv` to its end: `heard` gets each line of its output, `tick` is called about twice a second."""
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    process = subprocess.Popen(
        argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0
    )
    assert process.stdout is not None
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            rest = b""
            while True:
                if selector.select(_TICK_SECONDS):
                    data = os.read(process.stdout.fileno(), 65536)
                    if not data:
                        break
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        text = line.decode(errors="replace").rstrip()
                        tail.append(text)
                        heard(text)
                tick()
        if rest:
            tail.append(rest.decode(errors="replace").rstrip())
        return Outcome(process.wait(), tuple(tail))
    finally:
        process.stdout.close()
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, sign)
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
