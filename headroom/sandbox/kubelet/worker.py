"""The life of one container: started, watched by its probes, started again after it ended, and ended with its pod."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from headroom.sandbox.async_api import ApiError
from headroom.sandbox.kubelet import images, runtime, status
from headroom.sandbox.kubelet.lifecycle import BackOff, restarts
from headroom.sandbox.kubelet.probes import Judgement, Kind, Probe, Result
from headroom.sandbox.kubelet.probing import Target, look
from headroom.sandbox.kubelet.runtime import Ended, Launch, Running, StartFailed
from headroom.sandbox.kubelet.runtimes import Runtime
from headroom.sandbox.kubelet.security import Forbidden
from headroom.sandbox.kubelet.settings import simulate
from headroom.sandbox.kubelet.sources import Missing
from headroom.sandbox.kubelet.stopping import stop

_CONFIG_RETRY_SECONDS = 2.0
_KEPT_RUNS = 2


class Pod(Protocol):
    """What a container asks of its pod."""

    manifest: Mapping[str, Any]

    @property
    def address(self) -> str: ...
    @property
    def grace(self) -> float: ...
    def changed(self) -> None: ...
    def event(self, kind: str, reason: str, message: str, container: str | None = None) -> None: ...
    async def launch(self, container: Mapping[str, Any], how: Runtime, directory: Path) -> Launch: ...
    def helper_environment(self) -> Mapping[str, str]: ...


class ContainerWorker:
    """`report` is what the pod's status says of it; every change of it is told to the pod."""

    def __init__(self, pod: Pod, spec: Mapping[str, Any], directory: Path, policy: str, before: Mapping[str, Any] | None) -> None:
        """`policy` is the restart policy that holds for this container; `before` its status as the API server has it."""
        self.spec = spec
        self.report = status.Container.of(spec, before or {})
        self.started = asyncio.Event()
        self._pod = pod
        self._directory = directory
        self._policy = policy
        self._before = before or {}
        self._running: Running | None = None
        self._probing: dict[Kind, asyncio.Task[None]] = {}
        self._starting = asyncio.Lock()
        self._restarting: asyncio.Task[None] | None = None
        self._ending = False
        self._back_off = BackOff()

    async def run(self) -> None:
        """Until it has ended and is not to start again."""
        attempt = self._latest_attempt()
        ended = await self._resume(attempt) if attempt is not None else None
        while not self._ending:
            if ended is not None:
                if not restarts(self._policy, ended.exit_code):
                    return
                await self._wait_before_restart()
                if self._ending:
                    return
                attempt = (attempt or 0) + 1
            attempt = attempt or 0
            ended = await self._attempt(attempt)

    def _latest_attempt(self) -> int | None:
        numbers = [int(path.name) for path in self._directory.glob("*") if path.name.isdigit()]
        return max(numbers, default=None)

    async def _resume(self, attempt: int) -> Ended | None:
        """What an agent before this one started: goes on with it where it runs, else tells how it ended (None: it never ran)."""
        directory = self._directory / str(attempt)
        self.report.restarts = attempt
        if running := runtime.adopt(directory):
            return await self._watch(running, adopted=True)
        if not (directory / "running.json").exists():
            return runtime.ended(directory)
        found = runtime.ended(directory) or Ended(runtime.KILLED, signal.SIGKILL, time.time())
        ran = (self._before.get("state") or {}).get("running")
        self._set_terminated(found, status.seconds(ran["startedAt"]) if ran else found.finished_at, directory)
        return found

    async def _wait_before_restart(self) -> None:
        seconds = self._back_off.after(self._ran_for())
        self.report.last = self.report.state
        if not seconds:
            return
        name, metadata = self.spec["name"], self._pod.manifest["metadata"]
        whole = f"{name} in pod {metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        self._set_waiting("CrashLoopBackOff", f"back-off {seconds:g}s restarting failed container={whole}")
        self._event("Warning", "BackOff", f"Back-off restarting failed container {whole}")
        await asyncio.sleep(seconds)

    def _ran_for(self) -> float:
        last = self.report.state.get("terminated") or {}
        return status.seconds(last["finishedAt"]) - status.seconds(last["startedAt"]) if last else 0.0

    async def _attempt(self, attempt: int) -> Ended | None:
        """One start and run; None where the container is to end before it has started."""
        how = await self._image()
        self.report.runs_as = how.title
        self.report.restarts = attempt
        if how.provided:
            self.report.state = status.running(time.time())
            self.started.set()
            self._set(ready=True, started=True)
            return await asyncio.get_running_loop().create_future()
        directory = self._directory / str(attempt)
        launch = await self._launch(how, directory)
        self._forget_runs_before(attempt)
        try:
            # Whoever ends the container waits for the start: what runs is then known, and nothing is left running.
            async with self._starting:
                if self._ending:
                    return None
                self._event("Normal", "Created", f"Container created: {self.spec['name']}")
                running = self._running = await runtime.start(directory, launch, self._pod.helper_environment())
        except StartFailed as error:
            now = time.time()
            self._event("Warning", "Failed", f"Error: failed to start container {self.spec['name']!r}: {error}")
            failed = Ended(128, 0, now, str(error))
            self._set_terminated(failed, now)
            return failed
        self._event("Normal", "Started", f"Container started: {self.spec['name']}")
        return await self._watch(running)

    async def _image(self) -> Runtime:
        """How the image runs; an unknown one is looked up again and again, as a real one would be pulled."""
        name = self.spec["image"]
        back_off = BackOff()
        back_off.after(0)
        while (image := images.find(name)) is None:
            self._event("Warning", "Failed", images.unknown(name))
            self._event("Warning", "Failed", "Error: ErrImagePull")
            self._set_waiting("ErrImagePull", images.unknown(name))
            await asyncio.sleep(1)
            self._event("Normal", "BackOff", f'Back-off pulling image "{name}"')
            self._set_waiting("ImagePullBackOff", f'Back-off pulling image "{name}": {images.unknown(name)}')
            await asyncio.sleep(back_off.after(0))
        how = image.runtime(simulate(self._pod.manifest, image.engine, os.environ))
        if not how.provided:
            self._event("Normal", "Pulled", f'Container image "{name}" already present on machine: it runs as {how.title}')
        return how

    async def _launch(self, how: Runtime, directory: Path) -> Launch:
        """What to start; asks again while an object that it needs is missing."""
        while True:
            try:
                return await self._pod.launch(self.spec, how, directory)
            except (Missing, Forbidden, ValueError, ApiError) as error:
                self._event("Warning", "Failed", f"Error: {error}")
                self._set_waiting("CreateContainerConfigError", str(error))
                await asyncio.sleep(_CONFIG_RETRY_SECONDS)

    def _forget_runs_before(self, attempt: int) -> None:
        if attempt >= _KEPT_RUNS:
            shutil.rmtree(self._directory / str(attempt - _KEPT_RUNS), ignore_errors=True)

    async def _watch(self, running: Running, adopted: bool = False) -> Ended:
        self._running = running
        self.report.state = status.running(running.started_at)
        probes = {kind: probe for kind in Kind if (probe := Probe.of(self.spec, kind))}
        self.started.clear()
        resumed = adopted and bool(self._before.get("started"))
        if resumed or Kind.STARTUP not in probes:
            probes.pop(Kind.STARTUP, None)
            self.started.set()
        ready = self.started.is_set() and (Kind.READINESS not in probes or (resumed and bool(self._before.get("ready"))))
        self._set(ready=ready, started=self.started.is_set())
        for kind, probe in probes.items():
            self._probing[kind] = asyncio.create_task(self._probe(probe, running))
        try:
            ended = await running.wait()
        finally:
            self._stop_probes(*Kind)
        self._running = None
        self.started.clear()
        self._set_terminated(ended, running.started_at, running.directory)
        return ended

    async def _probe(self, probe: Probe, running: Running) -> None:
        if probe.kind is not Kind.STARTUP:
            await self.started.wait()
        await asyncio.sleep(probe.first_look(running.started_at, time.time()))
        judgement = Judgement(probe)
        target = Target(self._pod.address, self.spec, running)
        while True:
            outcome = await look(probe, target)
            if not outcome.success:
                self._event("Warning", "Unhealthy", f"{probe.kind.value} probe failed: {outcome.message}")
            if judgement.observe(outcome.success) and self._decided(probe, judgement.result):
                return
            await asyncio.sleep(probe.period)

    def _decided(self, probe: Probe, result: Result) -> bool:
        """Acts on a probe's result; True when this probe has nothing more to tell."""
        if probe.kind is Kind.READINESS:
            self._set(ready=result is Result.SUCCESS)
            return False
        if result is Result.FAILURE:
            message = f"Container {self.spec['name']} failed {probe.kind.value.lower()} probe, will be restarted"
            self._event("Normal", "Killing", message)
            grace = self._pod.grace if probe.grace is None else probe.grace
            self._restarting = asyncio.create_task(self._end_running(grace))
            return True
        if probe.kind is Kind.STARTUP:
            self.started.set()
            self._set(started=True, ready=Kind.READINESS not in self._probing)
            return True
        return False

    async def end(self, grace: float) -> None:
        """Ends it for good within `grace` seconds: preStop, TERM, KILL. Readiness is still probed meanwhile, as a kubelet does."""
        self._ending = True
        self._stop_probes(Kind.STARTUP, Kind.LIVENESS)
        async with self._starting:
            pass
        left = None if self._running else self._left_running()
        self._running = self._running or left
        if self._running:
            self._event("Normal", "Killing", f"Stopping container {self.spec['name']}")
            await self._end_running(grace)
        if left:
            self._set_terminated(await left.wait(), left.started_at, left.directory)

    def _left_running(self) -> Running | None:
        """What an agent before this one started, where the pod was deleted before this one came to it."""
        attempt = self._latest_attempt()
        return None if attempt is None else runtime.adopt(self._directory / str(attempt))

    async def _end_running(self, grace: float) -> None:
        if self._running:
            await stop(self._running, self.spec, grace, self._pod.address, self._hook_failed)

    def _hook_failed(self, why: str) -> None:
        self._event("Warning", "FailedPreStopHook", f"PreStopHook failed: {why}")

    def _stop_probes(self, *kinds: Kind) -> None:
        for kind in kinds:
            if task := self._probing.pop(kind, None):
                task.cancel()

    def _event(self, kind: str, reason: str, message: str) -> None:
        self._pod.event(kind, reason, message, self.spec["name"])

    def _set(self, *, ready: bool | None = None, started: bool | None = None) -> None:
        self.report.ready = self.report.ready if ready is None else ready
        self.report.started = self.report.started if started is None else started
        self._pod.changed()

    def _set_waiting(self, reason: str, message: str) -> None:
        self.report.state = status.waiting(reason, message)
        self._set(ready=False, started=False)

    def _set_terminated(self, ended: Ended, started_at: float, ran_in: Path | None = None) -> None:
        """`ran_in` is the directory of a container that did run."""
        tells = ended.exit_code and ran_in and self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError"
        said = runtime.last_words(ran_in) if ran_in and tells else ""
        self.report.state = status.terminated(ended.exit_code, ended.signal, started_at, ended.finished_at, ended.error, said)
        self._set(ready=False, started=False)
