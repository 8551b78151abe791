"""The agent: which pods are its own, and a worker for each of them."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from headroom.sandbox.async_api import Api, ApiError
from headroom.sandbox.kubelet import network, nodes, provisioning, status
from headroom.sandbox.kubelet.addresses import Addresses
from headroom.sandbox.kubelet.downward import quantity
from headroom.sandbox.kubelet.events import Events
from headroom.sandbox.kubelet.host import Host
from headroom.sandbox.kubelet.pod import PodWorker
from headroom.sandbox.kubelet.record import Record
from headroom.sandbox.kubelet.resizing import RESIZABLE, Room, allocated_to, requested
from headroom.sandbox.kubelet.security import only_one_user
from headroom.sandbox.kubelet.sweeping import sweep

_log = logging.getLogger(__name__)
Object = Mapping[str, Any]
_RETRY_SECONDS = 1.0


class Agent:
    """Plays the kubelet of every fake node. `state` is its directory, kept from one life to the next."""

    def __init__(self, api: Api, state: Path) -> None:
        self._api = api
        self._events = Events(api)
        self._pods = state / "pods"
        self._storage = state / "storage"
        self._host: Host | None = None
        self._nodes: dict[str, Object] = {}
        self._known: dict[str, Object] = {}
        self._workers: dict[str, PodWorker] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; then every process of every pod has ended."""
        self._pods.mkdir(parents=True, exist_ok=True)
        await network.ensure_bridge()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._events.run())
                tasks.create_task(self._watch_nodes())
                tasks.create_task(self._watch_pods())
                tasks.create_task(provisioning.run(self._api, self._storage))
        finally:
            await self._end()

    # What its endpoint asks, from other threads.

    def node_at(self, address: str) -> str | None:
        return next((name for name, node in list(self._nodes.items()) if nodes.address(node) == address), None)

    def pods_on(self, node: str) -> list[Object]:
        return [pod for pod in list(self._known.values()) if pod["spec"].get("nodeName") == node]

    def directory(self, pod: Object) -> Path:
        return self._pods / pod["metadata"]["uid"]

    # What it does.

    async def _end(self) -> None:
        """Whatever one pod's end fails at, as one that is just leaving: the others are ended, and what is left is swept."""
        self._host = None  # nothing begins any more
        await asyncio.gather(*(worker.kill() for worker in self._workers.values()), return_exceptions=True)
        for run in self._runs.values():
            run.cancel()
        await asyncio.gather(*self._runs.values(), return_exceptions=True)
        for directory in self._pods.iterdir():
            await sweep(directory)

    async def _watch_nodes(self) -> None:
        async for kind, what in self._api.watch("/api/v1/nodes"):
            if kind == "LISTED":
                fake = {node["metadata"]["name"]: node for node in what if nodes.is_fake(node)}
                self._nodes = {name: node for name, node in fake.items() if nodes.is_registered(node)}
                for name, node in fake.items():
                    await self._register(name, node)
            elif kind != "DELETED" and nodes.is_fake(what):
                await self._register(what["metadata"]["name"], what)
            else:
                self._nodes.pop(what["metadata"]["name"], None)
            self._begin()

    async def _register(self, name: str, node: Object) -> None:
        """Knows the node from now on, once its status says where its kubelet answers.

        News of a node may be older than its registration: it keeps the address that it has.
        """
        while not nodes.is_registered(node):
            given = {known: nodes.address(other) for known, other in self._nodes.items()}
            content = nodes.registration(name, given.values(), given.get(name))
            try:
                node = await self._api.patch(f"/api/v1/nodes/{name}/status", content, "strategic-merge-patch")
            except ApiError as error:
                _log.warning("%s", error)
                if error.status == HTTPStatus.NOT_FOUND:
                    return
                await asyncio.sleep(_RETRY_SECONDS)
        self._nodes[name] = node

    async def _watch_pods(self) -> None:
        async for kind, what in self._api.watch("/api/v1/pods", fields="spec.nodeName!="):
            if kind == "LISTED":
                await self._listed(what)
            elif kind == "DELETED":
                self._gone(what["metadata"]["uid"])
            else:
                self._seen(what)
            self._begin()

    async def _listed(self, pods: list[Object]) -> None:
        listed = {pod["metadata"]["uid"]: pod for pod in pods}
        for uid in [uid for uid in self._known if uid not in listed]:
            self._gone(uid)
        if self._host is None:
            await self._take_over(listed)
        for pod in pods:
            self._seen(pod)

    async def _take_over(self, listed: Mapping[str, Object]) -> None:
        """The first look: addresses in use are kept, and what was left of pods that are gone is ended."""
        records = {path.name: Record.read(path) for path in self._pods.iterdir()}
        for uid in [uid for uid in records if uid not in listed]:
            await sweep(self._pods / uid)
            shutil.rmtree(self._pods / uid, ignore_errors=True)
            del records[uid]
        in_use = [record.address for record in records.values() if record.address]
        in_use += [address for pod in listed.values() if (address := (pod.get("status") or {}).get("podIP"))]
        addresses, one_user = Addresses(in_use), only_one_user()
        self._host = Host(self._api, self._events, self._pods, self._storage, addresses, one_user, self._allocatable, self._room)

    def _seen(self, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        self._known[uid] = pod
        if worker := self._workers.get(uid):
            worker.update(pod)

    def _gone(self, uid: str) -> None:
        self._known.pop(uid, None)
        if worker := self._workers.get(uid):
            worker.removed()

    def _allocatable(self, pod: Object) -> Object:
        node = self._nodes.get(pod["spec"]["nodeName"]) or {}
        return (node.get("status") or {}).get("allocatable") or {}

    def _room(self, pod: Object) -> Room:
        node = pod["spec"]["nodeName"]
        others = [
            resources
            for uid, other in self._known.items()
            if other["spec"].get("nodeName") == node and uid != pod["metadata"]["uid"] and not status.is_over(other)
            for resources in allocated_to(other).values()
        ]
        return Room({name: quantity(amount) for name, amount in self._allocatable(pod).items() if name in RESIZABLE}, requested(others))

    def _begin(self) -> None:
        """Starts a worker for every pod of its nodes that has none."""
        if self._host is None:
            return
        for uid, pod in self._known.items():
            node = self._nodes.get(pod["spec"].get("nodeName", ""))
            if node and uid not in self._workers:
                worker = self._workers[uid] = PodWorker(pod, self._host, nodes.address(node) or "127.0.0.1")
                run = self._runs[uid] = asyncio.create_task(worker.run(), name=pod["metadata"]["name"])
                run.add_done_callback(lambda run, uid=uid: self._ended(uid, run))

    def _ended(self, uid: str, run: asyncio.Task[None]) -> None:
        """Forgets a pod that is over. One whose worker failed gets another: nobody else would end it."""
        if run.cancelled():
            return
        self._workers.pop(uid, None)
        self._runs.pop(uid, None)
        if error := run.exception():
            _log.error("pod %s", run.get_name(), exc_info=error)
            asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._begin)
        else:
            self._known.pop(uid, None)
