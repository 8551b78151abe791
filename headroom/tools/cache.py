"""The cache of built tools: one directory per tool, version and way of building, valid once its record is written.

The record is renamed into place last, so a directory without one is a build under way or one that was interrupted. What was built before
a tool got another companion lacks it, and counts as not built.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from headroom.tools.catalog import PythonTool
from headroom.tools.files import replace_text
from headroom.tools.pins import Pin

RECORD = "built.json"
LOCKS = ".locks"
VERSIONS = ".versions"
GO_CACHES = ".go"
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Record:
    """How long a finished build took, in seconds, beside what the catalog expects of it; `compiled` counts packages."""

    tool: str
    seconds: float
    expected: float
    compiled: int


@dataclass(frozen=True)
class Cache:
    """The directory that holds the tools of every clone of this user."""

    root: Path

    @staticmethod
    def default() -> Cache:
        """`$HEADROOM_TOOLS_CACHE`, else `headroom/tools` in the user's cache directory."""
        if own := os.environ.get("HEADROOM_TOOLS_CACHE"):
            return Cache(Path(own).expanduser().absolute())
        caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Cache(Path(caches) / "headroom" / "tools")

    def directory(self, pin: Pin) -> Path:
        return self.root / pin.entry

    def find(self, pin: Pin) -> Path | None:
        """The product of a finished build, or None."""
        tool, directory = pin.tool, self.directory(pin)
        pattern, beside = (tool.product, ()) if isinstance(tool, PythonTool) else (tool.name, tool.companions)
        if not all((directory / name).is_file() for name in (RECORD, *(companion.name for companion in beside))):
            return None
        return next((path for path in directory.glob(pattern) if path.exists()), None)

    def publish(self, pin: Pin, seconds: float, compiled: int) -> None:
        """Makes the pin's directory valid, at once and for good."""
        record = Record(pin.tool.name, round(seconds, 1), pin.tool.seconds, compiled)
        replace_text(self.directory(pin) / RECORD, json.dumps(asdict(record)))

    def start_over(self, pin: Pin) -> Path:
        """An empty directory for a build, whatever an interrupted one left. The caller holds the pin's lock."""
        directory = self.directory(pin)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory

    def records(self) -> list[Record]:
        """Every finished build, in no order; unreadable records are left out."""
        found = []
        for path in self.root.glob(f"*/{RECORD}"):
            try:
                found.append(Record(**json.loads(path.read_text())))
            except (OSError, ValueError, TypeError):
                continue
        return found

    @contextmanager
    def lock(self, pin: Pin, waiting: Callable[[float], None]) -> Iterator[None]:
        """Holds the only right to build `pin`; `waiting` is told the seconds spent while somebody else holds it.

        The lock belongs to the process: it is free again as soon as the process ends, however it ends.
        """
        began = time.monotonic()
        while (held := self._locked(pin.entry)) is None:
            waiting(time.monotonic() - began)
            time.sleep(_POLL_SECONDS)
        with held:
            yield

    @contextmanager
    def idle(self, entry: str) -> Iterator[bool]:
        """Whether nobody builds `entry` just now; then nobody begins to before the context ends."""
        held = self._locked(entry)
        with held or nullcontext():
            yield held is not None

    def _locked(self, entry: str) -> IO[str] | None:
        """The entry's lock, held until it is closed; None where somebody else has it, or removes it just now."""
        path = self.root / LOCKS / entry
        with ExitStack() as opened, suppress(BlockingIOError, FileNotFoundError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = opened.enter_context(path.open("w"))
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_ino == os.fstat(handle.fileno()).st_ino:
                opened.pop_all()
                return handle
        return None

    def remembered(self, program: Path, ask: Callable[[], str]) -> str:
        """What `ask` says about `program`, asked once for as long as the file stays as it is; silence is not remembered.

        Nor is the answer of a file that is many programs by the name that it is called by, as of snap and mise: what it says depends on
        more than on itself.
        """
        file, stat = program.resolve(), program.stat()
        if file.name != program.name:
            return ask()
        identity = f"{file} {stat.st_mtime_ns} {stat.st_size}"
        answer = self.root / VERSIONS / hashlib.sha256(identity.encode()).hexdigest()[:16]
        if answer.is_file():
            return answer.read_text()
        told = ask()
        if not told:
            return told
        replace_text(answer, told)
        return told
