"""When a container is started, and when it is no longer."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from headroom.sandbox.kubelet import lifecycle, runtime, worker
from headroom.sandbox.kubelet.runtime import Ended
from headroom.sandbox.kubelet.sources import Missing
from headroom.sandbox.kubelet.worker import ContainerWorker, Pod

SPEC = {"name": "main", "image": "sandbox.headroom.dev/tools"}
SOON = 0.2


class Owner:
    """A pod whose container needs an object, which is there from the second time on that it is asked for where it is `late`.

    `told`: the reasons of its events.
    """

    address = "10.244.1.1"
    grace = 1.0

    def __init__(self, late: bool = False) -> None:
        self.manifest = {"metadata": {"name": "p", "namespace": "n", "uid": "u"}, "spec": {"containers": [SPEC]}}
        self._late = late
        self.told: list[str] = []

    def changed(self) -> None:
        pass

    def event(self, kind: str, reason: str, message: str, container: str | None = None) -> None:
        self.told.append(reason)

    async def launch(self, *_: Any) -> Any:
        if self._late:
            self._late = False
            raise Missing("not there yet")
        return SimpleNamespace()

    def helper_environment(self) -> dict[str, str]:
        return {}


class Fails:
    """A container that has failed as soon as it runs."""

    def __init__(self, directory: Path, *_: Any) -> None:
        self.directory = directory
        self.started_at = time.time()

    async def wait(self) -> Ended:
        return Ended(1, 0, time.time())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(*arguments: Any) -> Fails:
        return Fails(*arguments)

    monkeypatch.setattr(runtime, "start", start)
    monkeypatch.setattr(lifecycle, "FIRST_BACK_OFF", SOON)
    monkeypatch.setattr(worker, "_CONFIG_RETRY_SECONDS", SOON)


def told(owner: Owner, directory: Path, ended_at: str) -> list[str]:
    """The reasons of the events of a container that is ended at its first event of the reason `ended_at`."""

    async def scene() -> list[str]:
        container = ContainerWorker(cast("Pod", owner), SPEC, directory, "Always", None)
        running = asyncio.create_task(container.run())
        while ended_at not in owner.told:
            await asyncio.sleep(0)
        await container.end(30)
        async with asyncio.timeout(5):
            await running
        return owner.told

    return asyncio.run(scene())


def test_one_that_waits_to_be_started_again_is_not_once_its_pod_is_to_go(tmp_path: Path) -> None:
    start = ["Pulled", "Created", "Started"]
    assert told(Owner(), tmp_path, "BackOff") == [*start, *start, "BackOff"]


def test_one_that_waits_for_an_object_is_not_started_once_its_pod_is_to_go(tmp_path: Path) -> None:
    assert told(Owner(late=True), tmp_path, "Failed") == ["Pulled", "Failed"]
