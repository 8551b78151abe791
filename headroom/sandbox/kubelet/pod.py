"""The life of one pod: admitted, given a network and its volumes, its containers run, its status told, and all of it ended."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from headroom.sandbox.async_api import ApiError
from headroom.sandbox.kubelet import images, network, status
from headroom.sandbox.kubelet.addresses import NoAddressLeft
from headroom.sandbox.kubelet.downward import Place
from headroom.sandbox.kubelet.honoured import not_honoured, unsupported
from headroom.sandbox.kubelet.host import Host
from headroom.sandbox.kubelet.lifecycle import ending_order, is_sidecar
from headroom.sandbox.kubelet.network import NetworkFailed
from headroom.sandbox.kubelet.preparation import fill_volumes, prepare
from headroom.sandbox.kubelet.record import Record
from headroom.sandbox.kubelet.resizing import Resizing
from headroom.sandbox.kubelet.runtime import Launch
from headroom.sandbox.kubelet.runtimes import Runtime
from headroom.sandbox.kubelet.sources import Missing
from headroom.sandbox.kubelet.sweeping import sweep
from headroom.sandbox.kubelet.worker import ContainerWorker
from headroom.sandbox.layout import POD_GATEWAY

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 2.0
_RESIZE_RETRY_SECONDS = 1.0
_DEFAULT_GRACE = 30
# Answers to a status that would be the same again: the pod is gone, is another one, or the status is not one.
_POINTLESS = (404, 409, 422)


class PodWorker:
    """`run` lives as long as the pod does; `update` and `removed` tell it what the API server says."""

    def __init__(self, manifest: Mapping[str, Any], host: Host, host_address: str) -> None:
        self.manifest = manifest
        self._host = host
        self._host_address = host_address
        self._directory = host.pods / manifest["metadata"]["uid"]
        self._record = Record.read(self._directory)
        self._networked = False
        self._changed = asyncio.Event()
        self._deleting = asyncio.Event()
        self._gone = asyncio.Event()
        self._runs: list[asyncio.Task[None]] = []
        self._containers, self._inits = self._workers()
        self._started_at = _started_at(manifest)
        self._resizing = Resizing.of(manifest)
        self.update(manifest)

    def _workers(self) -> tuple[list[ContainerWorker], list[ContainerWorker]]:
        known = self.manifest.get("status") or {}
        before = {entry["name"]: entry for key in ("initContainerStatuses", "containerStatuses") for entry in known.get(key) or ()}
        policy = self._policy

        def worker(container: Mapping[str, Any], policy: str) -> ContainerWorker:
            name = container["name"]
            return ContainerWorker(self, container, self._directory / "containers" / name, policy, before.get(name))

        # An init container is done when it succeeds, and tried again unless the pod says never.
        init_policy = "Never" if policy == "Never" else "OnFailure"
        spec = self.manifest["spec"]
        inits = [worker(entry, "Always" if is_sidecar(entry) else init_policy) for entry in spec.get("initContainers") or ()]
        return [worker(entry, policy) for entry in spec["containers"]], inits

    @property
    def _policy(self) -> str:
        return self.manifest["spec"].get("restartPolicy") or "Always"

    @property
    def _path(self) -> str:
        metadata = self.manifest["metadata"]
        return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"

    # What its containers ask of it.

    @property
    def address(self) -> str:
        return self._record.address or ""

    @property
    def grace(self) -> float:
        return self.manifest["spec"].get("terminationGracePeriodSeconds", _DEFAULT_GRACE)

    def changed(self) -> None:
        self._changed.set()

    def event(self, kind: str, reason: str, message: str, container: str | None = None) -> None:
        self._host.events.add(kind, self.manifest, reason, message, container)

    def helper_environment(self) -> Mapping[str, str]:
        metadata = self.manifest["metadata"]
        return self._host.environment(f"{metadata['namespace']}/{metadata['name']}")

    async def launch(self, container: Mapping[str, Any], how: Runtime, directory: Path) -> Launch:
        assert self._record.holder is not None
        return await prepare(
            self._host.api,
            self.manifest,
            container,
            how,
            directory,
            self._volumes,
            self._place,
            network.namespaces(self._record.holder),
            self._host.one_user,
        )

    @property
    def _volumes(self) -> Path:
        return self._directory / "volumes"

    @property
    def _place(self) -> Place:
        return Place(self.address, self._host_address, self._host.allocatable(self.manifest))

    # What the API server tells it.

    def update(self, manifest: Mapping[str, Any]) -> None:
        """Takes over what is not older than what it has: the answer to a request of its own may come after what was told meanwhile."""
        if _version(manifest) < _version(self.manifest):
            return
        self.manifest = manifest
        if manifest["metadata"].get("deletionTimestamp"):
            self._deleting.set()
        if self._resizing.asked(manifest):
            self._changed.set()

    def removed(self) -> None:
        """The pod is gone from the API server, whatever its grace period was."""
        self._gone.set()
        self._deleting.set()

    # Its life.

    async def run(self) -> None:
        living = asyncio.create_task(self._live())
        publishing = asyncio.create_task(self._publish_changes())
        try:
            await self._deleting.wait()
            await self._end_containers_while_it_exists()
        finally:
            for task in (living, publishing, *self._runs):
                task.cancel()
            await asyncio.gather(living, publishing, *self._runs, return_exceptions=True)
        await self._end_network()
        await self._leave()

    async def _live(self) -> None:
        try:
            if status.is_over(self.manifest):
                return
            if all(images.is_provided(entry["image"]) for entry in self.manifest["spec"]["containers"]):
                # Where the sandbox's own process listens: whoever asks the pod, through the API server or by a Service, asks that.
                self._remember(address=POD_GATEWAY)
                self._networked = True
                self._skip_inits()
                await self._run_containers(self._containers)
                return
            if fields := unsupported(self.manifest["spec"]):
                self._refuse(fields)
                return
            await self._until("FailedCreatePodSandBox", self._take_address)
            await self._until("FailedCreatePodSandBox", self._make_network)
            await self._until("FailedMount", self._fill_volumes)
            await self._until("FailedToRetrieveImagePullSecret", self._look_for_pull_secrets)
            if await self._initialize():
                await self._run_containers(self._containers)
            if self._deleting.is_set():
                return  # Its end is under way, sidecars last.
            await self._end_containers(self.grace)
            await self._end_network()
        except Exception:  # noqa: BLE001  (one pod's failure must not end the others)
            self._failed()

    def _failed(self) -> None:
        """Tells the exception that is being handled, which nobody foresaw."""
        _log.exception("pod %s", self._path)
        self.event("Warning", "FailedSync", "the sandbox's agent failed on this pod; its log has the reason")

    def _skip_inits(self) -> None:
        """Nothing runs of a pod that the sandbox provides: its init containers are over at once."""
        now = time.time()
        for worker in self._inits:
            worker.report.state = status.terminated(0, 0, now, now)

    def _refuse(self, fields: Sequence[str]) -> None:
        for field in fields:
            self.event("Warning", "UnsupportedField", not_honoured([field]))
        for worker in (*self._inits, *self._containers):
            worker.report.state = status.waiting("UnsupportedField", not_honoured(fields))
        self.changed()

    async def _until(self, reason: str, step: Callable[[], Awaitable[None]]) -> None:
        """Tries a step until it succeeds, with a warning each time it does not."""
        while True:
            try:
                return await step()
            except (Missing, NetworkFailed, NoAddressLeft, ApiError, ValueError) as error:
                self.event("Warning", reason, str(error))
                self.changed()
                await asyncio.sleep(_RETRY_SECONDS)

    async def _take_address(self) -> None:
        if self._record.address is None:
            known = (self.manifest.get("status") or {}).get("podIP")
            self._remember(address=known or self._host.addresses.take())

    async def _make_network(self) -> None:
        holder = self._record.holder
        if holder is None or not await network.joined(holder):
            await sweep(self._directory)  # what still runs has a network that leads nowhere
            errors = self._directory / "network.log"
            holder = await network.create(self.address, self.helper_environment(), errors)
            self._remember(holder=holder)
        self._networked = True
        self.changed()

    async def _fill_volumes(self) -> None:
        if not self._record.filled:
            host = self._host
            await fill_volumes(host.api, self.manifest, self._volumes, host.storage, self._place, host.one_user)
            self._remember(filled=True)

    async def _look_for_pull_secrets(self) -> None:
        names = [reference["name"] for reference in self.manifest["spec"].get("imagePullSecrets") or ()]
        namespace = self.manifest["metadata"]["namespace"]
        missing = [name for name in names if await self._host.api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}") is None]
        if missing:
            message = f"Unable to retrieve some image pull secrets ({', '.join(missing)}); attempting to pull the image may not succeed."
            self.event("Warning", "FailedToRetrieveImagePullSecret", message)

    def _remember(self, **news: Any) -> None:
        self._record = replace(self._record, **news)
        self._record.write(self._directory)

    async def _initialize(self) -> bool:
        """Runs the init containers one after another; False when one failed for good. A sidecar only has to be started."""
        for worker in self._inits:
            run = self._start(worker)
            if is_sidecar(worker.spec):
                await worker.started.wait()
            else:
                await run
                if worker.report.exit_code != 0:
                    return False
        return True

    async def _run_containers(self, workers: Sequence[ContainerWorker]) -> None:
        await asyncio.gather(*(self._start(worker) for worker in workers))

    def _start(self, worker: ContainerWorker) -> asyncio.Task[None]:
        run = asyncio.create_task(worker.run())
        self._runs.append(run)
        return run

    # Its end.

    async def _end_containers_while_it_exists(self) -> None:
        """Within its grace; a pod that is gone from the API server has none left."""
        if not self._gone.is_set():
            ending = asyncio.create_task(self._end_containers(self._grace_left()))
            gone = asyncio.create_task(self._gone.wait())
            await asyncio.wait({ending, gone}, return_when=asyncio.FIRST_COMPLETED)
            for task in (ending, gone):
                task.cancel()
        if self._gone.is_set():
            await self._end_containers(0)

    def _grace_left(self) -> float:
        """What the API server granted, from the moment of the request."""
        until = status.seconds(self.manifest["metadata"]["deletionTimestamp"])
        granted = self.manifest["metadata"].get("deletionGracePeriodSeconds", self.grace)
        return min(granted, max(0.0, until - time.time()) + 1)

    async def _end_containers(self, grace: float) -> None:
        workers = {worker.spec["name"]: worker for worker in (*self._inits, *self._containers)}
        sidecars = [worker.spec["name"] for worker in self._inits if is_sidecar(worker.spec)]
        deadline = time.monotonic() + grace
        for group in ending_order([name for name in workers if name not in sidecars], sidecars):
            left = max(0.0, deadline - time.monotonic())
            await asyncio.gather(*(workers[name].end(left) for name in group))

    async def _end_network(self) -> None:
        self._networked = False
        await sweep(self._directory)
        self._remember(holder=None)
        self.changed()

    async def _leave(self) -> None:
        """Tells the last status, lets the pod go, and forgets it."""
        if not self._gone.is_set():
            await self._patch_status()
            await self._let_go()
        if self._record.address:
            self._host.addresses.give_back(self._record.address)
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    async def _let_go(self) -> None:
        while not self._gone.is_set():
            try:
                await self._host.api.delete_now(self._path, self.manifest["metadata"]["uid"])
            except ApiError as error:
                _log.warning("%s", error)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    async def kill(self) -> None:
        """Ends its processes at once and leaves the pod to the API server: the agent goes."""
        await self._end_containers(0)
        await self._end_network()

    # Its status.

    async def _publish_changes(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                told = await self._publish()
            except Exception:  # noqa: BLE001  (a pod of which nothing is told any more would look alive)
                self._failed()
                told = False
            if not told:
                await asyncio.sleep(_RETRY_SECONDS)
                self._changed.set()

    async def _publish(self) -> bool:
        """Takes a resize one step on and tells the status. False where it is worth another try."""
        self._resizing.step(self.manifest, self._host.room(self.manifest))
        if not await self._patch_status():
            return False
        if self._resizing.refused:
            asyncio.get_running_loop().call_later(_RESIZE_RETRY_SECONDS, self._changed.set)
        elif self._resizing.under_way:
            self._changed.set()
        return True

    async def _patch_status(self) -> bool:
        """Tells the status where the API server has another. False where it is worth another try."""
        observed = status.Observed(
            [worker.report for worker in self._containers],
            [worker.report for worker in self._inits],
            self._record.address,
            self._host_address,
            self._started_at,
            self._networked,
            self._resizing,
        )
        known = self.manifest.get("status") or {}
        content = status.pod_status(self.manifest["spec"], observed, known.get("conditions") or (), time.time())
        if status.stands(content, known):
            return True
        patch = {"metadata": {"uid": self.manifest["metadata"]["uid"]}, "status": content}
        try:
            self.update(await self._host.api.patch(f"{self._path}/status", patch, "strategic-merge-patch"))
        except ApiError as error:
            _log.warning("%s", error)
            return error.status in _POINTLESS
        return True


def _version(manifest: Mapping[str, Any]) -> int:
    return int(manifest["metadata"]["resourceVersion"])


def _started_at(manifest: Mapping[str, Any]) -> float:
    known = (manifest.get("status") or {}).get("startTime")
    return status.seconds(known) if known else time.time()
