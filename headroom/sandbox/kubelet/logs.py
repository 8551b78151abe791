"""What containers wrote, as a kubelet serves it to `kubectl logs`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 64 * 1024
_LOOK_SECONDS = 0.2
# Lines are kept as they were written, without the time of each.
_UNKNOWN = ("timestamps", "sinceSeconds", "sinceTime")


class NoLog(Exception):
    """There is no such log, or it cannot be had in the way that was asked; the message says why."""


@dataclass(frozen=True)
class Wanted:
    """`tail` and `limit` None: all lines, all bytes."""

    follow: bool = False
    previous: bool = False
    tail: int | None = None
    limit: int | None = None

    @staticmethod
    def of(query: Mapping[str, str]) -> Wanted:
        """Of the query of `/containerLogs/…`. Raises `NoLog` for what the sandbox cannot tell."""
        for name in _UNKNOWN:
            if query.get(name, "false") != "false":
                raise NoLog(f"{name}: the sandbox does not keep when a line was written")
        tail, limit = query.get("tailLines"), query.get("limitBytes")
        return Wanted(
            follow=query.get("follow") == "true",
            previous=query.get("previous") == "true",
            tail=int(tail) if tail else None,
            limit=int(limit) if limit else None,
        )


def find(container: Path, previous: bool) -> Path:
    """The log of the container's present (or else latest) run, or of the one before. Raises `NoLog`."""
    attempts = sorted(int(path.name) for path in container.glob("*") if (path / "log").exists())
    if previous:
        attempts = attempts[:-1]
    if not attempts:
        raise NoLog("previous terminated container not found" if previous else "the container has not started")
    return container / str(attempts[-1]) / "log"


def read(log: Path, wanted: Wanted, runs: Callable[[], bool]) -> Iterator[bytes]:
    """Pieces of the log; where it is followed, until `runs` says that nobody writes to it any more."""
    left = wanted.limit
    with log.open("rb") as content:
        content.seek(0 if wanted.tail is None else _start_of_last(log, wanted.tail))
        while True:
            writing = wanted.follow and runs()
            while piece := content.read(_CHUNK if left is None else min(_CHUNK, left)):
                yield piece
                left = None if left is None else left - len(piece)
            if left == 0 or not writing:
                return
            time.sleep(_LOOK_SECONDS)


def _start_of_last(log: Path, lines: int) -> int:
    """Where the last `lines` lines begin."""
    if lines == 0:
        return log.stat().st_size
    with log.open("rb") as content:
        position = content.seek(0, os.SEEK_END)
        end, found = position, 0
        while position:
            size = min(_CHUNK, position)
            position -= size
            content.seek(position)
            piece = content.read(size)
            for index in range(size - 1, -1, -1):
                # A line feed at the very end belongs to the last line.
                if piece[index] == 0x0A and position + index != end - 1:
                    found += 1
                    if found == lines:
                        return position + index + 1
    return 0
