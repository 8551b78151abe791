"""Ends what runs of a pod without knowing more of it than its directory."""

from __future__ import annotations

import signal
from pathlib import Path

from headroom.sandbox.kubelet import network, runtime
from headroom.sandbox.kubelet.record import Record


async def end_containers(directory: Path) -> None:
    for run in directory.glob("containers/*/*"):
        if running := runtime.adopt(run):
            running.signal(signal.SIGKILL)
            await running.wait()


async def sweep(directory: Path) -> None:
    """The pod's containers, then its network."""
    await end_containers(directory)
    if holder := Record.read(directory).holder:
        await network.end(holder)
