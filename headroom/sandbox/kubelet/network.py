"""The network of a pod: a namespace of its own on the sandbox's bridge, held by a process that does nothing else.

With that process and the pod's containers gone, the kernel removes the namespace and its interface: nothing needs cleaning up.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

from headroom.sandbox.kubelet.processes import Process, reap, spawn
from headroom.sandbox.layout import NODE_NETWORK, POD_BRIDGE, POD_GATEWAY, POD_NETWORK

_PREFIX = POD_NETWORK.rpartition("/")[2]
# Ports below 1024 are free for every user, as container runtimes have it.
_HOLD = "echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; exec sleep infinity"
_NAMESPACES = ("net", "uts", "ipc")
_SECONDS = 5


class NetworkFailed(Exception):
    """A pod's network could not be made; the message says which step failed."""


def namespaces(holder: Process) -> list[str]:
    """The files by which a pod's namespaces are entered."""
    return [f"/proc/{holder.pid}/ns/{name}" for name in _NAMESPACES]


async def ensure_bridge() -> None:
    """Every address of a node leads here. The bridge belongs to the sandbox; where it is missing it is made, so that the agent can be used
    by itself."""
    await _ip([f"route replace local {NODE_NETWORK} dev lo"])
    if not await _succeeds("ip", "link", "show", POD_BRIDGE):
        bridge = [f"link add {POD_BRIDGE} type bridge", f"addr add {POD_GATEWAY}/{_PREFIX} dev {POD_BRIDGE}", f"link set {POD_BRIDGE} up"]
        await _ip([*bridge, "link set lo up"])


async def create(address: str, environment: Mapping[str, str], errors: Path) -> Process:
    """The holder of a pod's new namespaces, with `address` on the bridge and a default route. Raises `NetworkFailed`."""
    unshare = ("unshare", *(f"--{name}" for name in _NAMESPACES))
    holder = spawn((*unshare, "sh", "-c", _HOLD), environment, errors)
    interface = _interface(holder)
    outside = [
        f"link add {interface} type veth peer name eth0 netns {holder.pid}",
        f"link set {interface} master {POD_BRIDGE}",
        f"link set {interface} up",
    ]
    inside = ["link set lo up", f"addr add {address}/{_PREFIX} dev eth0", "link set eth0 up", f"route add default via {POD_GATEWAY}"]
    try:
        await _until_holding(holder, errors)
        await _ip(outside)
        await _ip(inside, of=holder)
    except (NetworkFailed, asyncio.CancelledError):
        await end(holder)
        raise
    return holder


async def joined(holder: Process) -> bool:
    """Whether the pod of a holder is on the bridge of this namespace: not so when the sandbox has got a new one since."""
    return holder.alive() and await _succeeds("ip", "link", "show", _interface(holder))


def _interface(holder: Process) -> str:
    """The bridge's end of a pod's link."""
    return f"pod{holder.pid}"


async def end(holder: Process) -> None:
    holder.signal(signal.SIGKILL)
    await holder.wait()


async def _until_holding(holder: Process, errors: Path) -> None:
    """The namespaces are made and the settings written once the shell has become `sleep`."""
    for _ in range(_SECONDS * 200):
        if not holder.alive():
            reap(holder.pid)
            raise NetworkFailed(f"network namespace: {errors.read_text().strip()}")
        if _command(holder.pid) == "sleep":
            return
        await asyncio.sleep(0.005)
    raise NetworkFailed(f"network namespace: not made within {_SECONDS} s")


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


async def _ip(commands: list[str], of: Process | None = None) -> None:
    enter = ("nsenter", "--target", str(of.pid), "--net") if of else ()
    process = await asyncio.create_subprocess_exec(
        *enter, "ip", "-batch", "-", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate("\n".join(commands).encode())
    if process.returncode:
        raise NetworkFailed(f"ip: {said.decode().strip()}")


async def _succeeds(*command: str) -> bool:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait() == 0
