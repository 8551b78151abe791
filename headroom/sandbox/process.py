"""What a process of the sandbox is: data that says how to start it and how to tell that it serves."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process inside the network namespace.

    `ready` and `health` are URLs inside the namespace that answer 200: the first once the process serves, the second (default: the
    same) as long as all is well. `needs` names the tasks that must be done before it starts. `reads` are files that it reads only
    when it starts, its own source among them: when their content changes it is started anew. `inherits` are file descriptors handed
    to it; it finds their numbers by name, as JSON, in `$HEADROOM_INHERITED`. `hosts` is what it sees as `/etc/hosts`.
    """

    name: str
    argv: tuple[str, ...]
    needs: tuple[str, ...] = ()
    ready: str | None = None
    health: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[Path, ...] = ()
    inherits: Mapping[str, int] = field(default_factory=dict)
    hosts: Path | None = None
    seconds_to_ready: float = 60

    @property
    def health_url(self) -> str | None:
        return self.health or self.ready


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The argument list that runs a module of this project, whichever of its names this Python was called by."""
    called, usual = Path(sys.executable), Path(sys.executable).with_name("python3")
    return (str(usual if usual.exists() and usual.samefile(called) else called), "-m", module, *arguments)


def environment(mark: str, process: Process) -> dict[str, str]:
    """A small, closed environment: a proxy setting of the user's shell would send loopback requests away.

    `HEADROOM_SANDBOX` is how a process is recognised as this clone's when its record is lost.
    """
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
    marks = {"HEADROOM_SANDBOX": mark, "HEADROOM_SANDBOX_PROCESS": process.name}
    descriptors = {"HEADROOM_INHERITED": json.dumps(dict(process.inherits))} if process.inherits else {}
    return {**inherited, "PYTHONUNBUFFERED": "1", **process.env, **descriptors, **marks}


def fingerprint(process: Process) -> str:
    """Changes when a running process would have to be started anew to be as described."""
    contents = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in process.reads if path.exists()}
    text = json.dumps([process.argv, dict(process.env), contents], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
