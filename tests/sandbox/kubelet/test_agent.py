"""The agent's own ways, at an API server that is played."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from headroom.sandbox.kubelet import network
from headroom.sandbox.kubelet.agent import Agent
from headroom.sandbox.kubelet.api import Api
from headroom.sandbox.kubelet.host import Host
from headroom.sandbox.kubelet.nodes import FAKE, registration
from headroom.sandbox.kubelet.pod import PodWorker

NODE = {"metadata": {"name": "node", "annotations": dict([FAKE])}, **registration("node", ())}
SPEC = {"nodeName": "node", "containers": [{"name": "main", "image": "quay.io/prometheus/prometheus"}]}
IDENTITY = {"name": "pod", "namespace": "here", "uid": "0"}
RUNS = {"metadata": {**IDENTITY, "resourceVersion": "9"}, "spec": SPEC}
DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 0}
IS_TO_GO = {"metadata": {**IDENTITY, **DELETED, "resourceVersion": "10"}, "spec": SPEC}


class Played:
    """One node and one pod that is to go; the first request to let it go fails in a way that nobody foresaw."""

    def __init__(self) -> None:
        self.asked_to_let_go = 0
        self.gone = asyncio.Event()

    async def watch(self, path: str, selector: str = "") -> AsyncIterator[tuple[str, Any]]:
        yield "LISTED", {"/api/v1/nodes": [NODE], "/api/v1/pods": [IS_TO_GO]}.get(path, [])
        await asyncio.Event().wait()

    async def create(self, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        return content

    async def patch(self, path: str, content: Mapping[str, Any], kind: str = "") -> Mapping[str, Any]:
        return IS_TO_GO

    async def delete_now(self, path: str, uid: str) -> None:
        self.asked_to_let_go += 1
        if self.asked_to_let_go == 1:
            raise RuntimeError("not foreseen")
        self.gone.set()


def test_a_pod_whose_worker_failed_is_ended_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> None:
        pass

    async def scene() -> int:
        api = Played()
        life = asyncio.create_task(Agent(cast("Api", api), tmp_path).run())
        async with asyncio.timeout(10):
            await api.gone.wait()
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life
        return api.asked_to_let_go

    monkeypatch.setattr(network, "ensure_bridge", nothing)
    assert asyncio.run(scene()) == 2


def test_an_answer_from_before_a_pod_was_deleted_does_not_undo_that(tmp_path: Path) -> None:
    worker = PodWorker(RUNS, cast("Host", SimpleNamespace(pods=tmp_path)), "10.0.0.1")
    worker.update(IS_TO_GO)
    worker.update(RUNS)
    assert worker.manifest == IS_TO_GO
