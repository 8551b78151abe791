"""Containers as processes: started through `container.py`, signalled, entered, and found again by an agent that was started anew."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from headroom.sandbox.kubelet import container
from headroom.sandbox.kubelet.filesystem import Operation
from headroom.sandbox.kubelet.network import start_ticks

_LAUNCHER = Path(container.__file__)
KILLED = 128 + signal.SIGKILL


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
    launcher: int
    launcher_ticks: int
    started_at: float
    identity: Identity
    env: Mapping[str, str]

    def alive(self) -> bool:
        return start_ticks(self.launcher) == self.launcher_ticks

    def signal(self, number: int) -> None:
        """To process 1 of the container; killing it ends every process in there."""
        if self.alive() and not (self.directory / "exit.json").exists():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    async def wait(self) -> Ended:
        """Until it has ended, however it was started."""
        await _gone(self.launcher, self.launcher_ticks)
        return ended(self.directory) or Ended(KILLED, signal.SIGKILL, container.time.time(), "")

    async def execute(self, command: Sequence[str], seconds: float) -> tuple[int | None, str]:
        """Runs a command inside: exit code (None when it took longer than `seconds`) and the end of what it wrote."""
        user = (f"--setuid={self.identity.uid}", f"--setgid={self.identity.gid}") if self.identity.uid is not None else ()
        process = await asyncio.create_subprocess_exec(
            "nsenter", f"--target={self.pid}", "--mount", "--net", "--uts", "--ipc", "--pid", "--root", "--wd", *user, "--", *command,
            env=dict(self.env), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            said, _ = await asyncio.wait_for(process.communicate(), seconds)
        except TimeoutError:
            return None, ""
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, said.decode(errors="replace")[-1024:].strip()


async def start(directory: Path, launch: Launch, environment: Mapping[str, str]) -> Running:
    """Starts a container with its files in `directory`; `environment` is the launcher's own. Raises `StartFailed`."""
    directory.mkdir(parents=True, exist_ok=True)
    Path(launch.root).mkdir(exist_ok=True)
    specification = directory / "launch.json"
    specification.touch(mode=0o600)  # the environment may hold secrets
    specification.write_text(json.dumps(asdict(launch)))
    told, status = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(_LAUNCHER), str(specification), str(status),
            pass_fds=(status,), env=dict(environment), start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    finally:
        os.close(status)
    line = await _line(told)
    answer = json.loads(line) if line else {"error": (await process.stderr.read()).decode().strip()[-500:] if process.stderr else ""}
    if "error" in answer:
        raise StartFailed(answer["error"] or "the launcher ended")
    return _running(directory, answer, launch.identity, launch.env)


def adopt(directory: Path) -> Running | None:
    """The container of `directory` where it still runs; None where it was not started or has ended."""
    try:
        answer = json.loads((directory / "running.json").read_text())
        launch = json.loads((directory / "launch.json").read_text())
    except FileNotFoundError:
        return None
    identity = Identity(**launch["identity"])
    running = _running(directory, answer, identity, launch["env"])
    return running if running.alive() and not ended(directory) else None


def ended(directory: Path) -> Ended | None:
    try:
        content = json.loads((directory / "exit.json").read_text())
    except FileNotFoundError:
        return None
    return Ended(content["exitCode"], content["signal"], content["finishedAt"], content["error"])


def _running(directory: Path, answer: Mapping[str, float], identity: Identity, env: Mapping[str, str]) -> Running:
    return Running(
        directory, int(answer["pid"]), int(answer["launcher"]), int(answer["launcherTicks"]), answer["startedAt"], identity, env
    )


async def _line(descriptor: int) -> bytes:
    """One line of a pipe; empty when its other end was closed before."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0))
    try:
        return await reader.readline()
    finally:
        transport.close()


async def _gone(pid: int, ticks: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if start_ticks(pid) != ticks:
            return
        loop = asyncio.get_running_loop()
        gone = loop.create_future()
        loop.add_reader(descriptor, lambda: gone.done() or gone.set_result(None))
        try:
            await gone
        finally:
            loop.remove_reader(descriptor)
    finally:
        os.close(descriptor)
