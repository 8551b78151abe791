"""What can go wrong with the sandbox.

SandboxError
├── Unsupported      this machine cannot hold a sandbox
├── NotRunning       the sandbox is down, or what it was asked for is not part of it
├── ProcessDied      a process ended on its own
├── CannotRun        a program of it is damaged
├── NotReady         a process or an object did not become ready in time
├── Refused          the API server refused an object of the sandbox's own, or could not be reached
└── ApiError         it refused a request of the agent or of a load, or could not be reached (async_api.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class SandboxError(Exception):
    """Base of all errors of the sandbox; the message is fit for a user."""


class Unsupported(SandboxError):
    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        lines = "\n".join(f"  - {item}" for item in missing)
        super().__init__(
            f"the sandbox cannot run on this machine:\n{lines}\n"
            "What works without it: `make look`, `headroom render`, `headroom verify`, `headroom price`, `make check`."
        )


class NotRunning(SandboxError):
    pass


class ProcessDied(SandboxError):
    def __init__(self, name: str, log: Path, last_lines: Sequence[str]) -> None:
        self.name = name
        tail = "\n".join(f"    {line}" for line in last_lines) or "    (it wrote nothing)"
        super().__init__(f"{name} died; the last lines of {log}:\n{tail}")


class CannotRun(SandboxError):
    def __init__(self, program: Path, error: OSError) -> None:
        # Imported late: the agents, which start without the tools, know these errors too.
        from headroom.tools.advice import mending

        super().__init__(f"{program} cannot be run: {error.strerror}. {mending(program)}")


class NotReady(SandboxError):
    pass


class Refused(SandboxError):
    pass
