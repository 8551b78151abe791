"""The network of a pod: a namespace of its own on the sandbox's bridge, held by a process that does nothing else.

With that process and the pod's containers gone, the kernel removes the namespace and its interface: nothing needs cleaning up.
"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from headroom.sandbox.layout import POD_BRIDGE, POD_GATEWAY, POD_NETWORK

_PREFIX = POD_NETWORK.rpartition("/")[2]
# Ports below 1024 are free for every user, as container runtimes have it.
_HOLD = 'echo "$0" > /proc/sys/kernel/hostname; echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; exec sleep infinity'
_NAMESPACES = ("net", "uts", "ipc")
_SECONDS = 5


class NetworkFailed(Exception):
    """A pod's network could not be made; the message says which step failed."""


@dataclass(frozen=True)
class Holder:
    """The process that holds a pod's namespaces; `ticks` (its start time) tells it from a later process with its number."""

    pid: int
    ticks: int

    @property
    def namespaces(self) -> list[str]:
        return [f"/proc/{self.pid}/ns/{name}" for name in _NAMESPACES]

    def alive(self) -> bool:
        return start_ticks(self.pid) == self.ticks

    def end(self) -> None:
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)


def start_ticks(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when there is no such process, or only its zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


async def ensure_bridge() -> None:
    """The bridge belongs to the sandbox; where it is missing it is made, so that the agent can be used by itself."""
    if not Path(f"/sys/class/net/{POD_BRIDGE}").exists() and not await _succeeds("ip", "link", "show", POD_BRIDGE):
        await _ip(
            [f"link add {POD_BRIDGE} type bridge", f"addr add {POD_GATEWAY}/{_PREFIX} dev {POD_BRIDGE}", f"link set {POD_BRIDGE} up", "link set lo up"]
        )


async def create(address: str, hostname: str, environment: dict[str, str]) -> Holder:
    """A pod's namespaces, with `address` on the bridge and a default route. Raises `NetworkFailed`."""
    process = await asyncio.create_subprocess_exec(
        "unshare", *(f"--{name}" for name in _NAMESPACES), "sh", "-c", _HOLD, hostname,
        env=environment, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    await _until_holding(process)
    holder = Holder(process.pid, start_ticks(process.pid) or 0)
    interface = f"pod{process.pid}"
    try:
        await _ip([f"link add {interface} type veth peer name eth0 netns {process.pid}", f"link set {interface} master {POD_BRIDGE}", f"link set {interface} up"])
        await _ip(
            ["link set lo up", f"addr add {address}/{_PREFIX} dev eth0", "link set eth0 up", f"route add default via {POD_GATEWAY}"],
            inside=process.pid,
        )
    except NetworkFailed:
        holder.end()
        raise
    return holder


async def _until_holding(process: asyncio.subprocess.Process) -> None:
    """The namespaces are made and the settings written once the shell has become `sleep`."""
    for _ in range(_SECONDS * 200):
        if process.returncode is not None:
            said = (await process.stderr.read()).decode().strip() if process.stderr else ""
            raise NetworkFailed(f"network namespace: {said}")
        if _command(process.pid) == "sleep":
            return
        await asyncio.sleep(0.005)
    process.kill()
    raise NetworkFailed(f"network namespace: not made within {_SECONDS} s")


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


async def _ip(commands: list[str], inside: int | None = None) -> None:
    enter = ("nsenter", "--target", str(inside), "--net") if inside else ()
    process = await asyncio.create_subprocess_exec(
        *enter, "ip", "-batch", "-", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate("\n".join(commands).encode())
    if process.returncode:
        raise NetworkFailed(f"ip: {said.decode().strip()}")


async def _succeeds(*command: str) -> bool:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait() == 0
