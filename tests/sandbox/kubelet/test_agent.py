"""The agent's own ways with pods."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from headroom.sandbox.kubelet.host import Host
from headroom.sandbox.kubelet.nodes import FAKE, registration
from headroom.sandbox.kubelet.pod import PodWorker
from tests.sandbox.kubelet.played import NODES, PODS, Played

NODE = {"metadata": {"name": "node", "annotations": dict([FAKE])}, **registration("node", ())}
SPEC = {"nodeName": "node", "containers": [{"name": "main", "image": "quay.io/prometheus/prometheus"}]}
IDENTITY = {"name": "pod", "namespace": "here", "uid": "0"}
RUNS = {"metadata": {**IDENTITY, "resourceVersion": "9"}, "spec": SPEC}
DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 0}
POD = "/api/v1/namespaces/here/pods/pod"
IS_TO_GO = {"metadata": {**IDENTITY, **DELETED, "resourceVersion": "10"}, "spec": SPEC}


class OnePod(Played):
    """One node and one pod that is to go; the first request to let it go fails in a way that nobody foresaw."""

    def __init__(self) -> None:
        super().__init__({NODES: [("LISTED", [NODE])], PODS: [("LISTED", [IS_TO_GO])]})
        self.asked_to_let_go = 0
        self.gone = asyncio.Event()

    async def patch(self, path: str, content: Mapping[str, Any], kind: str = "") -> Mapping[str, Any]:
        return IS_TO_GO

    async def delete_now(self, path: str, uid: str) -> None:
        self.asked_to_let_go += 1
        if self.asked_to_let_go == 1:
            raise RuntimeError("not foreseen")
        self.gone.set()


@pytest.mark.usefixtures("without_a_bridge", "tried_again_at_once")
def test_a_pod_whose_worker_failed_is_ended_by_another(tmp_path: Path) -> None:
    async def scene() -> int:
        api = OnePod()
        await api.live(tmp_path, api.gone)
        return api.asked_to_let_go

    assert asyncio.run(scene()) == 2


class StatusFails(Played):
    """One node and one pod, whose first status cannot be told, in a way that nobody foresaw."""

    def __init__(self) -> None:
        super().__init__({NODES: [("LISTED", [NODE])], PODS: [("LISTED", [RUNS])]})
        self.asked = 0
        self.told = asyncio.Event()

    async def patch(self, path: str, content: Mapping[str, Any], kind: str = "") -> Mapping[str, Any]:
        if path == f"{POD}/status":
            self.asked += 1
            if self.asked == 1:
                raise RuntimeError("not foreseen")
            self.told.set()
        return RUNS


@pytest.mark.usefixtures("without_a_bridge", "tried_again_at_once")
def test_a_pods_status_that_could_not_be_told_is_told_again(tmp_path: Path) -> None:
    async def scene() -> None:
        api = StatusFails()
        await api.live(tmp_path, api.told)

    asyncio.run(scene())


def test_an_answer_from_before_a_pod_was_deleted_does_not_undo_that(tmp_path: Path) -> None:
    worker = PodWorker(RUNS, cast("Host", SimpleNamespace(pods=tmp_path)), "10.0.0.1")
    worker.update(IS_TO_GO)
    worker.update(RUNS)
    assert worker.manifest == IS_TO_GO
