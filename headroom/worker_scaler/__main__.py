"""`python -m headroom.worker_scaler`, configured by the environment (see `settings`). TERM ends it; it leaves the workers as they are."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headroom.worker_scaler.decision import Action, Hold, Limits, Resize, Seen, SetMemory, SetWorkers, action
from headroom.worker_scaler.management import Server, Unanswered
from headroom.worker_scaler.pod import Failed, Pod, Refused, bytes_of

_CREDENTIALS = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# How long a resize that was refused or can never be granted is not asked for again: another pod may have gone, or the node been resized.
_RETRY_REFUSED = 300.0


@dataclass(frozen=True)
class Settings:
    model: str
    container: str
    namespace: str
    pod: str
    api: str
    period: float
    limits: Limits


def settings(environment: Mapping[str, str]) -> Settings:
    """Raises `KeyError` for a variable that is missing and `ValueError` for one that is no number."""
    said = environment.__getitem__
    return Settings(
        model=said("SCALER_MODEL"),
        container=said("SCALER_CONTAINER"),
        namespace=said("POD_NAMESPACE"),
        pod=said("POD_NAME"),
        api=f"https://{said('KUBERNETES_SERVICE_HOST')}:{said('KUBERNETES_SERVICE_PORT')}",
        period=float(environment.get("SCALER_PERIOD", "5")),
        limits=Limits(
            minimum=int(said("SCALER_MIN_WORKERS")),
            maximum=int(said("SCALER_MAX_WORKERS")),
            pending_per_worker=float(said("SCALER_PENDING_PER_WORKER")),
            quiet=float(said("SCALER_QUIET")),
            memory=bytes_of(said("SCALER_MEMORY")),
            memory_per_worker=bytes_of(said("SCALER_MEMORY_PER_WORKER")),
            gpu_memory=int(environment.get("SCALER_GPU_MEMORY", "0")),
            gpu_memory_per_worker=int(environment.get("SCALER_GPU_MEMORY_PER_WORKER", "0")),
        ),
    )


class Scaler:
    """Looks, decides, acts, once per `step`; says in the log what changed and why it holds."""

    def __init__(self, limits: Limits, server: Server, pod: Pod) -> None:
        self._limits = limits
        self._server = server
        self._pod = pod
        self._arrivals = -1.0
        self._active_at = time.monotonic()
        self._refused_at: float | None = None
        self._refused_memory: int | None = None
        self._memory_refused_at: float | None = None
        self._said: dict[str, str] = {}

    def step(self) -> None:
        try:
            decided = action(self._look(), self._limits)
            self._act(decided)
            self._say("step", decided.why if isinstance(decided, Hold) else f"{_done(decided)}: {decided.why}")
        except (Unanswered, Failed) as error:
            self._say("step", str(error))

    def _look(self) -> Seen:
        now = time.monotonic()
        model, arrivals = self._server.look()
        memory = self._pod.memory()
        if model.pending or arrivals != self._arrivals:
            self._arrivals, self._active_at = arrivals, now
        if memory.resize is Resize.INFEASIBLE:
            self._refused_at = now
            self._say("resize", f"resize to {memory.wanted} bytes is infeasible: {memory.message}")
        else:
            self._said.pop("resize", None)
        return Seen(
            workers=model.workers,
            ready=model.ready,
            pending=model.pending,
            quiet=now - self._active_at,
            wanted_memory=memory.wanted,
            memory=memory.given,
            resize=memory.resize,
            refused=_lately(self._refused_at, now),
            refused_memory=self._refused_memory if _lately(self._memory_refused_at, now) else None,
        )

    def _act(self, decided: Action) -> None:
        match decided:
            case SetWorkers(workers):
                self._server.set_workers(workers)
            case SetMemory(size):
                try:
                    self._pod.set_memory(size)
                except Refused:
                    self._refused_at = self._memory_refused_at = time.monotonic()
                    self._refused_memory = size
                    raise
            case Hold():
                pass

    def _say(self, subject: str, what: str) -> None:
        """Once, however often it is so, and whatever else is said in between."""
        if what != self._said.get(subject):
            print(what, flush=True)
            self._said[subject] = what


def _lately(refused_at: float | None, now: float) -> bool:
    return refused_at is not None and now - refused_at < _RETRY_REFUSED


def _done(decided: SetWorkers | SetMemory) -> str:
    return f"workers {decided.workers}" if isinstance(decided, SetWorkers) else f"memory {decided.memory} bytes"


def main() -> int:
    try:
        told = settings(os.environ)
    except KeyError as error:
        print(f"the variable {error.args[0]} is not set", file=sys.stderr)
        return 2
    pod = Pod(told.api, _CREDENTIALS, told.namespace, told.pod, told.container)
    # The management port is bound to the pod's loopback: nobody else reaches it, whatever the cluster's network enforces.
    scaler = Scaler(told.limits, Server("http://127.0.0.1:8081", "http://127.0.0.1:8082", told.model), pod)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(told.period):
        scaler.step()
    return 0


if __name__ == "__main__":
    sys.exit(main())
