"""Containers as processes: started through `container.py`, signalled, entered, and found again by an agent that was started anew."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from headroom.sandbox.kubelet import container
from headroom.sandbox.kubelet.filesystem import Operation
from headroom.sandbox.kubelet.processes import STATUS_DESCRIPTOR, Process, send, spawn

KILLED = 128 + signal.SIGKILL
# Of a log that serves as termination message, as in a kubelet.
_LAST_LINES, _LAST_BYTES = 80, 2048
_ENTERED = ("--mount", "--net", "--uts", "--ipc", "--pid", "--root", "--wd")


class StartFailed(Exception):
    """The container's program could not be started; the message is the container's."""


@dataclass(frozen=True)
class Identity:
    """Who the program runs as. `uid` None: as the namespace's root, whoever that is outside."""

    uid: int | None = None
    gid: int = 0
    groups: tuple[int, ...] = ()
    dropAllCapabilities: bool = False  # noqa: N815  (keys of the launcher's file)
    noNewPrivileges: bool = False  # noqa: N815


@dataclass(frozen=True)
class Launch:
    """What the launcher is told; its fields are the keys of its file."""

    root: str
    log: str
    operations: Sequence[Operation]
    namespaces: Sequence[str]
    hostname: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str = "/"
    readOnlyRoot: bool = False  # noqa: N815
    identity: Identity = field(default_factory=Identity)


@dataclass(frozen=True)
class Ended:
    exit_code: int
    signal: int
    finished_at: float
    error: str = ""


@dataclass(frozen=True)
class Running:
    """A running container. `pid` is its process 1 as this agent sees it, `launcher` the process that waits for it."""

    directory: Path
    pid: int
    launcher: Process
    started_at: float
    identity: Identity
    env: Mapping[str, str]

    def alive(self) -> bool:
        return self.launcher.alive() and ended(self.directory) is None

    def signal(self, number: int) -> None:
        """To process 1 of the container; killing it ends every process in there."""
        if self.alive():
            send(self.pid, number)

    async def wait(self) -> Ended:
        """Until it has ended, however it was started."""
        await self.launcher.wait()
        return ended(self.directory) or Ended(KILLED, signal.SIGKILL, time.time())

    async def execute(self, command: Sequence[str], seconds: float) -> tuple[int | None, str]:
        """Runs a command inside: exit code (None when it took longer than `seconds`) and the end of what it wrote."""
        user = (f"--setuid={self.identity.uid}", f"--setgid={self.identity.gid}") if self.identity.uid is not None else ()
        # With a path of its own: the PATH of `env` is for what is inside.
        process = await asyncio.create_subprocess_exec(
            shutil.which("nsenter") or "nsenter", f"--target={self.pid}", *_ENTERED, *user, "--", *command,
            env=dict(self.env), start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(seconds):
                said, _ = await process.communicate()
        except TimeoutError:
            return None, ""
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, said.decode(errors="replace")[-1024:].strip()


async def start(directory: Path, launch: Launch, environment: Mapping[str, str]) -> Running:
    """Starts a container with its files in `directory`; `environment` is the launcher's own. Raises `StartFailed`."""
    Path(launch.root).mkdir(parents=True, exist_ok=True)
    specification = directory / "launch.json"
    specification.touch(mode=0o600)  # the environment may hold secrets
    specification.write_text(json.dumps(asdict(launch)))
    errors = directory / "launcher.log"
    told, status = os.pipe()
    try:
        command = (sys.executable, "-I", "-S", container.__file__, str(specification), str(STATUS_DESCRIPTOR))
        launcher = spawn(command, environment, errors, status)
    finally:
        os.close(status)
    line = await _line(told)
    answer = json.loads(line) if line else {}
    if "pid" not in answer:
        await launcher.wait()
        raise StartFailed(answer.get("error") or errors.read_text().strip().rpartition("\n")[2] or "the launcher ended")
    return Running(directory, int(answer["pid"]), launcher, answer["startedAt"], launch.identity, launch.env)


def adopt(directory: Path) -> Running | None:
    """The container of `directory` where it still runs; None where it was not started or has ended."""
    try:
        answer = json.loads((directory / "running.json").read_text())
        launch = json.loads((directory / "launch.json").read_text())
    except FileNotFoundError:
        return None
    launcher = Process(answer["launcher"], answer["launcherTicks"])
    running = Running(directory, answer["pid"], launcher, answer["startedAt"], Identity(**launch["identity"]), launch["env"])
    return running if running.alive() else None


def ended(directory: Path) -> Ended | None:
    try:
        content = json.loads((directory / "exit.json").read_text())
    except FileNotFoundError:
        return None
    return Ended(content["exitCode"], content["signal"], content["finishedAt"], content["error"])


def last_words(directory: Path) -> str:
    """The end of what the container of `directory` wrote."""
    with (directory / "log").open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_BYTES))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-_LAST_LINES:])


async def _line(descriptor: int) -> bytes:
    """One line of a pipe; empty when its other end was closed before."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0))
    try:
        return await reader.readline()
    finally:
        transport.close()
