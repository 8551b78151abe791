"""A pod's status from what is known of its containers, in the kubelet's words (pkg/kubelet/status/generate.go, kubelet_pods.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from headroom.sandbox.kubelet.lifecycle import is_sidecar
from headroom.sandbox.kubelet.resizing import IN_PROGRESS, PENDING, Resizing

State = Mapping[str, Any]


def timestamp(seconds: float) -> str:
    """Seconds since the epoch as the API writes them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def is_over(pod: Mapping[str, Any]) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def waiting(reason: str, message: str = "") -> State:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running(started_at: float) -> State:
    return {"running": {"startedAt": timestamp(started_at)}}


def terminated(exit_code: int, signal: int, started_at: float, finished_at: float, error: str = "", last_words: str = "") -> State:
    """`error` is why the program could not be started at all, `last_words` what it left as its termination message."""
    message = error or last_words
    reason = "StartError" if error else "Completed" if exit_code == 0 else "Error"
    state = {"exitCode": exit_code, "reason": reason, "startedAt": timestamp(started_at), "finishedAt": timestamp(finished_at)}
    return {"terminated": {**state, **({"signal": signal} if signal else {}), **({"message": message} if message else {})}}


@dataclass
class Container:
    """What is known of one container. `last` is the state before its latest start."""

    name: str
    image: str
    state: State = field(default_factory=lambda: waiting("ContainerCreating"))
    last: State = field(default_factory=dict)
    restarts: int = 0
    ready: bool = False
    started: bool = False
    runs_as: str = ""

    @staticmethod
    def of(spec: Mapping[str, Any], before: Mapping[str, Any]) -> Container:
        """A container of a pod as its status, perhaps empty, has it."""
        container = Container(spec["name"], spec["image"])
        container.state = before.get("state") or container.state
        container.last = before.get("lastState") or container.last
        container.restarts = before.get("restartCount") or 0
        container.ready = bool(before.get("ready"))
        container.started = bool(before.get("started"))
        container.runs_as = before.get("imageID") or ""
        return container

    @property
    def exit_code(self) -> int | None:
        """None as long as it has not ended for good."""
        return self.state["terminated"]["exitCode"] if "terminated" in self.state else None

    def report(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.runs_as,
            "containerID": "",
            "state": self.state,
            "lastState": self.last,
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
        }


@dataclass(frozen=True)
class Observed:
    """A pod as the agent sees it. `address` None: it has no network (yet, or any more)."""

    containers: Sequence[Container]
    init_containers: Sequence[Container] = ()
    address: str | None = None
    host: str = ""
    started_at: float = 0
    networked: bool = True
    resizing: Resizing | None = None


def pod_status(spec: Mapping[str, Any], observed: Observed, before: Sequence[Mapping[str, Any]], now: float) -> dict[str, Any]:
    """The status to patch. `before` are the conditions that the pod has: one that stays what it was keeps its time."""
    phase = pod_phase(spec, observed)
    address = {"podIP": observed.address, "podIPs": [{"ip": observed.address}]} if observed.address else {}
    inits = {"initContainerStatuses": [container.report() for container in observed.init_containers]} if observed.init_containers else {}
    return {
        "phase": phase,
        "hostIP": observed.host,
        "hostIPs": [{"ip": observed.host}],
        **address,
        "startTime": timestamp(observed.started_at),
        "conditions": [*_conditions(spec, observed, phase, before, now), *_resize_conditions(observed.resizing, before, now)],
        **inits,
        "containerStatuses": [{**container.report(), **_resources(container.name, observed.resizing)} for container in observed.containers],
    }


def stands(told: Any, known: Any) -> bool:
    """Whether a patch of `told` would leave `known` as it is. The API server leaves out what is empty, and knows more than it is told."""
    if isinstance(told, Mapping):
        return all(stands(value, (known or {}).get(key)) for key, value in told.items())
    if isinstance(told, list):
        return all(any(stands(item, other) for other in known or ()) for item in told)
    return told == known or (told == "" and known is None)


def _resources(container: str, resizing: Resizing | None) -> dict[str, Any]:
    """Told of every container, or the API server takes the node for one that cannot resize."""
    if resizing is None:
        return {}
    allocated = resizing.allocated[container].get("requests")
    return {"resources": resizing.actual[container], **({"allocatedResources": allocated} if allocated else {})}


def _resize_conditions(resizing: Resizing | None, before: Sequence[Mapping[str, Any]], now: float) -> list[dict[str, Any]]:
    """Those that hold, and the end of those that no longer do."""
    held = {old["type"]: old for old in before if old["type"] in (PENDING, IN_PROGRESS)}
    holding = resizing.conditions() if resizing else []
    ended = [{"type": name, "$patch": "delete"} for name in held if name not in {kind for kind, _, _ in holding}]
    return ended + [
        {
            "type": kind,
            "status": "True",
            "reason": reason,
            "message": message,
            "lastTransitionTime": (held.get(kind) or {}).get("lastTransitionTime") or timestamp(now),
        }
        for kind, reason, message in holding
    ]


def pod_phase(spec: Mapping[str, Any], observed: Observed) -> str:
    policy = spec.get("restartPolicy") or "Always"
    failed = [c for c in _plain_inits(spec, observed) if c.exit_code not in (None, 0)]
    if failed and policy == "Never":
        return "Failed"
    if _uninitialized(spec, observed):
        return "Pending"
    stopped = [c for c in observed.containers if c.exit_code is not None or ("waiting" in c.state and "terminated" in c.last)]
    if any("running" in c.state for c in observed.containers):
        return "Running"
    if len(stopped) < len(observed.containers):
        return "Pending"
    if policy == "Always":
        return "Running"
    if all(c.exit_code == 0 for c in observed.containers):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def _plain_inits(spec: Mapping[str, Any], observed: Observed) -> list[Container]:
    sidecars = {entry["name"] for entry in spec.get("initContainers") or () if is_sidecar(entry)}
    return [container for container in observed.init_containers if container.name not in sidecars]


def _uninitialized(spec: Mapping[str, Any], observed: Observed) -> list[str]:
    plain = [container.name for container in _plain_inits(spec, observed) if container.exit_code != 0]
    sidecars = {entry["name"] for entry in spec.get("initContainers") or () if is_sidecar(entry)}
    begun = any("waiting" not in container.state or container.restarts for container in observed.containers)
    return plain + [c.name for c in observed.init_containers if c.name in sidecars and not c.started and not begun]


def _conditions(
    spec: Mapping[str, Any], observed: Observed, phase: str, before: Sequence[Mapping[str, Any]], now: float
) -> list[dict[str, Any]]:
    uninitialized = _uninitialized(spec, observed)
    sidecars = [c for c in observed.init_containers if c not in _plain_inits(spec, observed)]
    unready = [container.name for container in (*sidecars, *observed.containers) if not container.ready]
    over = phase in ("Succeeded", "Failed")
    done = {"reason": "PodCompleted" if phase == "Succeeded" else "PodFailed"} if over else None

    def condition(name: str, true: bool, why: Mapping[str, str]) -> dict[str, Any]:
        status = "True" if true else "False"
        same = next((old for old in before if old["type"] == name and old["status"] == status), None)
        time = same["lastTransitionTime"] if same and same.get("lastTransitionTime") else timestamp(now)
        # Empty texts, because a patch would otherwise leave those of before.
        return {"type": name, "status": status, "lastTransitionTime": time, "reason": "", "message": "", **({} if true else why)}

    not_ready = done or {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(unready)}]"}
    not_initialized = {"reason": "ContainersNotInitialized", "message": f"containers with incomplete status: [{' '.join(uninitialized)}]"}
    return [
        condition("PodReadyToStartContainers", observed.networked and observed.address is not None and not over, {}),
        condition("Initialized", not uninitialized, not_initialized),
        condition("Ready", not unready and not over, not_ready),
        condition("ContainersReady", not unready and not over, not_ready),
    ]
