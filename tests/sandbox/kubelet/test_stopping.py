"""How a container ends that runs: its preStop hook, and what is told of one that fails."""

from __future__ import annotations

import asyncio
import signal
from typing import Any, cast

import pytest

from headroom.sandbox.kubelet.runtime import Running
from headroom.sandbox.kubelet.stopping import stop


class Program:
    """A container that ends when it is told to; a command in it ends as `hook` says. `told`: the signals that it got."""

    def __init__(self, hook: tuple[int | None, str] | Exception) -> None:
        self._hook = hook
        self._over = asyncio.Event()
        self.told: list[int] = []

    def alive(self) -> bool:
        return not self._over.is_set()

    def signal(self, number: int) -> None:
        self.told.append(number)
        self._over.set()

    async def wait(self) -> None:
        await self._over.wait()

    async def execute(self, command: list[str], seconds: float) -> tuple[int | None, str]:
        if isinstance(self._hook, Exception):
            raise self._hook
        return self._hook


def stopped(hook: tuple[int | None, str] | Exception) -> tuple[list[str], list[int]]:
    """Why the hook failed, and the signals that the container got."""
    container: dict[str, Any] = {"lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}
    failures: list[str] = []

    async def scene() -> list[int]:
        program = Program(hook)
        await stop(cast("Running", program), container, 5, "10.244.1.1", failures.append)
        return program.told

    return failures, asyncio.run(scene())


@pytest.mark.parametrize(
    ("hook", "failures"),
    [
        ((0, ""), []),
        ((3, "busy"), ["command ['drain'] exited with 3: busy"]),
        (FileNotFoundError("nsenter"), ["FileNotFoundError: nsenter"]),
    ],
)
def test_a_hook_that_fails_is_told_and_the_container_ends_all_the_same(
    hook: tuple[int | None, str] | Exception, failures: list[str]
) -> None:
    assert stopped(hook) == (failures, [signal.SIGTERM])
