"""An API server of one kubelet's agent, played: what it tells is given, what it is asked is the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from headroom.sandbox.async_api import Api
from headroom.sandbox.kubelet.agent import Agent

NODES = "/api/v1/nodes"
PODS = "/api/v1/pods"
Told = tuple[str, Any]


class Played:
    """`told`: by path, what a watch of it yields; of other paths it lists nothing."""

    def __init__(self, told: Mapping[str, Iterable[Told]]) -> None:
        self._told = told
        self.all_told = {path: asyncio.Event() for path in told}

    async def watch(self, path: str, *, fields: str = "", labels: str = "") -> AsyncIterator[Told]:
        for each in self._told.get(path, [("LISTED", [])]):
            yield each
        if path in self._told:
            self.all_told[path].set()
        await asyncio.Event().wait()

    async def create(self, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        return content

    async def live(self, state: Path, until: asyncio.Event) -> Agent:
        """The agent as it was when `until` came to be, its life over."""
        agent = Agent(cast("Api", self), state)
        await lived(agent.run(), until)
        return agent


async def lived(life: Coroutine[Any, Any, None], until: asyncio.Event) -> None:
    """Runs what has no end by itself until something came to be."""
    running = asyncio.create_task(life)
    try:
        async with asyncio.timeout(10):
            await until.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
