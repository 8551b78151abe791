"""Changes in a server's terms, told from the Kubernetes objects of both sides: `max replicas 6 → 10, GPUs per replica 4 → 8`.

Objects and not settings: they are what a state, a render of another commit and a live cluster all have, and they also tell what
changed without the stack file, by another version of the program or by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.catalog.names import APP_INSTANCE, APP_MANAGED_BY, APP_NAME, GPU_RESOURCE, MANAGER, PLACEHOLDER_ROLE, POOL_NODE_LABEL, series
from headroom.catalog.signals import SIGNALS, Unit
from headroom.report.changes.details import title
from headroom.report.changes.model import Op, Step
from headroom.report.changes.values import presentable

Objects = Mapping[str, Mapping[str, Any]]
"""The objects of one server on one side, by kind; of several of a kind that with the server's name."""

_WORKLOADS = ("Deployment", "LeaderWorkerSet", "StatefulSet")
_BACKENDS = {"HorizontalPodAutoscaler": "hpa", "ScaledObject": "keda"}
_TARGETS = {series(signal.name, signal.unit, "target"): signal for signal in SIGNALS.values()}
_RESOURCES = {signal.resource: signal for signal in SIGNALS.values() if signal.resource}


_ORDER = ("engine", "image", "pool", "backend", "min replicas", "max replicas", "GPUs per replica", "GPUs at most")
"""Terms that are told first; targets follow, then the rest as it is found."""


@dataclass(frozen=True)
class Term:
    """One thing about a server that changes; None on the side that does not have it."""

    label: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.label} {self.after} (new)"
        if self.after is None:
            return f"{self.label} {self.before} removed"
        return f"{self.label} {self.before} → {self.after}"


@dataclass(frozen=True)
class ServerChange:
    """What becomes of one server."""

    server: str
    namespace: str
    op: Op
    """CREATE, UPDATE or DELETE: of the server as a whole."""
    terms: tuple[Term, ...] = ()
    """Where it is new, what it will be; where it goes, what it was."""
    effects: tuple[str, ...] = ()
    """What follows for those who use it."""
    others: tuple[str, ...] = ()
    """Objects that change without any term that says so: `Service inference/demo`."""
    outage: bool = False
    """Whether it does not answer for a time, or never again."""


@dataclass
class _Server:
    before: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    after: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def server_changes(steps: Iterable[Step]) -> tuple[ServerChange, ...]:
    """Every server of which anything changes, in the order of the steps."""
    found: dict[tuple[str, str], _Server] = {}
    for step in steps:
        if key := _belongs(step):
            server = found.setdefault(key, _Server())
            server.steps.append(step)
            for side, body in ((server.before, step.before), (server.after, step.after)):
                if body is not None and (_kind(step) not in side or _at(body, "metadata", "name") == key[1]):
                    side[_kind(step)] = body
    told = (_change(*key, server) for key, server in found.items())
    return tuple(change for change in told if change is not None)


def _belongs(step: Step) -> tuple[str, str] | None:
    if not step.type.startswith("kubernetes:"):
        return None
    metadata = (step.after or step.before or {}).get("metadata")
    if not isinstance(metadata, Mapping):
        return None
    labels = metadata.get("labels")
    if not isinstance(labels, Mapping) or labels.get(APP_MANAGED_BY) != MANAGER or labels.get(APP_NAME) == PLACEHOLDER_ROLE:
        return None
    name = labels.get(APP_INSTANCE)
    return (str(metadata.get("namespace") or ""), name) if isinstance(name, str) else None


def _kind(step: Step) -> str:
    return step.type.rpartition(":")[2]


def _change(namespace: str, name: str, server: _Server) -> ServerChange | None:
    moved = [step for step in server.steps if step.op not in (Op.SAME, Op.READ)]
    if not moved:
        return None
    had, has = (any(kind in side for kind in _WORKLOADS) for side in (server.before, server.after))
    op = Op.UPDATE if had == has else Op.CREATE if has else Op.DELETE
    before, after = _terms(server.before), _terms(server.after)
    labels = sorted(dict.fromkeys((*after, *before)), key=_rank)
    terms = tuple(_shortened(Term(label, before.get(label), after.get(label))) for label in labels if before.get(label) != after.get(label))
    others = tuple(title(step) for step in moved if not _told(step)) if op is Op.UPDATE else ()
    effects, outage = _effects(op, server, after)
    return ServerChange(name, namespace, op, terms, effects, others, outage)


def _told(step: Step) -> bool:
    """Whether what changes of an object changes a term."""
    before, after = (dict(_of_object(_kind(step), presentable(body or {}))) for body in (step.before, step.after))
    return before != after


def _shortened(term: Term) -> Term:
    """The tag alone where the repository stays."""
    if term.label != "image" or term.before is None or term.after is None:
        return term
    (old, tag_before), (new, tag_after) = (_image(side) for side in (term.before, term.after))
    return Term("image", tag_before, tag_after) if old == new else term


def _image(image: str) -> tuple[str, str]:
    """Repository, and tag or digest."""
    if "@" in image:
        repository, _, digest = image.partition("@")
        return repository, digest[:19]
    repository, colon, tag = image.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (image, "latest")


def _terms(objects: Objects) -> dict[str, str]:
    found = dict(term for kind, body in objects.items() for term in _of_object(kind, presentable(body)))
    highest, gpus = found.get("max replicas"), found.get("GPUs per replica")
    if highest and gpus:
        found["GPUs at most"] = str(int(highest) * int(gpus))
    return dict(sorted(found.items(), key=lambda term: _rank(term[0])))


def _rank(label: str) -> int:
    if label in _ORDER:
        return _ORDER.index(label)
    return len(_ORDER) + (not label.startswith("target "))


def _of_object(kind: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if kind in _WORKLOADS:
        yield from _of_workload(body)
    elif kind in _BACKENDS:
        yield from _of_autoscaler(kind, body)
    elif kind == "PrometheusRule":
        yield from _of_rules(body)
    elif kind == "IngressRoute":
        yield from _given("route", _at(body, "spec", "routes", 0, "match"))


def _of_workload(workload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    templates = _templates(workload)
    pod = _at(templates[0][0], "spec") or {}
    container = _serving(pod)
    engine = _at(workload, "metadata", "labels", APP_NAME)
    yield from _given("engine", engine)
    yield from _given("image", container.get("image"))
    yield from _given("pool", _at(pod, "nodeSelector", POOL_NODE_LABEL))
    gpus = sum(count * _gpus(_at(template, "spec") or {}) for template, count in templates)
    if gpus:
        yield "GPUs per replica", str(gpus)
    for resource in ("cpu", "memory"):
        yield from _given(resource, _at(container, "resources", "requests", resource))
    startup = container.get("startupProbe") or {}
    if isinstance(startup.get("periodSeconds"), int) and isinstance(startup.get("failureThreshold"), int):
        yield "start-up budget", f"{startup['periodSeconds'] * startup['failureThreshold']}s"
    drain = _at(container, "lifecycle", "preStop", "sleep", "seconds")
    yield from _given("drain", f"{drain}s" if drain is not None else None)
    yield "rollout", "recreate" if _recreates(workload) else "surge"
    yield from _arguments(container)
    for entry in container.get("env") or ():
        if isinstance(entry, Mapping) and "name" in entry:
            yield f"environment {entry['name']}", str(entry["value"]) if "value" in entry else "from elsewhere"
    yield from _given("models", _model_files(pod))


def _templates(workload: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], int]]:
    """The pods of one replica, the one that serves first: template and how many."""
    group = _at(workload, "spec", "leaderWorkerTemplate")
    if not isinstance(group, Mapping):
        return [(_at(workload, "spec", "template") or {}, 1)]
    size = group.get("size")
    others = size - 1 if isinstance(size, int) else 0
    worker = group.get("workerTemplate") or {}
    return [(group.get("leaderTemplate") or worker, 1), (worker, others)]


def _serving(pod: Mapping[str, Any]) -> Mapping[str, Any]:
    """The container that asks for GPUs, or the first."""
    containers = [entry for entry in pod.get("containers") or () if isinstance(entry, Mapping)]
    return next((entry for entry in containers if _devices(entry)), containers[0] if containers else {})


def _gpus(pod: Mapping[str, Any]) -> int:
    return sum(_devices(entry) for entry in pod.get("containers") or () if isinstance(entry, Mapping))


def _devices(container: Mapping[str, Any]) -> int:
    """GPUs, shares of them or MIG devices."""
    wanted = _at(container, "resources", "limits") or {}
    counts = (str(count) for resource, count in wanted.items() if resource.startswith((GPU_RESOURCE, "nvidia.com/mig-")))
    return sum(int(count) for count in counts if count.isdigit())


def _recreates(workload: Mapping[str, Any]) -> bool:
    if _at(workload, "spec", "strategy", "type") == "Recreate":
        return True
    rollout = _at(workload, "spec", "rolloutStrategy", "rollingUpdateConfiguration") or {}
    return bool(rollout) and not rollout.get("maxSurge")


def _arguments(container: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each `--flag=value` by itself; the rest as one line."""
    rest: list[str] = []
    for argument in (*(container.get("command") or ()), *(container.get("args") or ())):
        flag, equals, value = str(argument).partition("=")
        if equals and flag.startswith("-") and not any(char.isspace() for char in flag):
            yield flag, value
        else:
            rest.append(str(argument))
    if rest:
        yield "command", " ".join(rest)


def _model_files(pod: Mapping[str, Any]) -> str | None:
    volumes = (entry for entry in pod.get("volumes") or () if isinstance(entry, Mapping) and entry.get("name") == "models")
    volume = next(volumes, None)
    if volume is None:
        return None
    of = ("configMap", "name"), ("persistentVolumeClaim", "claimName"), ("hostPath", "path")
    return next((str(found) for way in of if (found := _at(volume, *way))), None)


def _of_autoscaler(kind: str, scaler: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    spec, keda = scaler.get("spec") or {}, kind == "ScaledObject"
    yield "backend", _BACKENDS[kind]
    yield from _given("min replicas", spec.get("minReplicaCount" if keda else "minReplicas"))
    yield from _given("max replicas", spec.get("maxReplicaCount" if keda else "maxReplicas"))
    yield from _given("fallback replicas", _at(spec, "fallback", "replicas"))
    behavior = _at(spec, "advanced", "horizontalPodAutoscalerConfig", "behavior") if keda else spec.get("behavior")
    for direction, label in (("scaleUp", "scale-up"), ("scaleDown", "scale-down")):
        if limits := _at(behavior, direction):
            yield label, _limits(limits)
    for trigger in spec.get("triggers") or ():
        if isinstance(trigger, Mapping) and (signal := _RESOURCES.get(str(trigger.get("type")))):
            yield from _given(f"target {signal.name}", _percent(_at(trigger, "metadata", "value")))
    for metric in spec.get("metrics") or ():
        if signal := _RESOURCES.get(str(_at(metric, "resource", "name"))):
            yield from _given(f"target {signal.name}", _percent(_at(metric, "resource", "target", "averageUtilization")))


def _percent(value: object) -> str | None:
    return None if value is None else f"{value}%"


def _limits(limits: Mapping[str, Any]) -> str:
    policies = [entry for entry in limits.get("policies") or () if isinstance(entry, Mapping)]
    steps = ", ".join(f"{entry.get('value')} {str(entry.get('type', '')).lower()} per {entry.get('periodSeconds')}s" for entry in policies)
    return f"{steps} after {limits.get('stabilizationWindowSeconds', 0)}s"


def _of_rules(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The targets, which are recorded series: `vector(0.2)`."""
    for group in _at(rule, "spec", "groups") or ():
        for entry in _at(group, "rules") or ():
            signal = _TARGETS.get(str(_at(entry, "record")))
            text = str(_at(entry, "expr"))
            if signal and text.startswith("vector(") and text.endswith(")"):
                yield f"target {signal.name}", _in_unit(text[len("vector(") : -1], signal.unit)


def _in_unit(text: str, unit: Unit) -> str:
    """As a stack file writes it: 200ms, 60%, 2."""
    try:
        value = float(text)
    except ValueError:
        return text
    if unit is Unit.RATIO:
        return f"{value * 100:g}%"
    if unit is Unit.SECONDS:
        return f"{value * 1000:g}ms" if value < 1 else f"{value:g}s"
    return f"{value:g}"


def _effects(op: Op, server: _Server, after: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """What follows, and whether the server does not answer meanwhile."""
    if op is Op.CREATE:
        return (), False
    if op is Op.DELETE:
        return ("it answers no more once its replicas have gone",), True
    highest = after.get("max replicas", "all")
    workloads = [step for step in server.steps if _kind(step) in _WORKLOADS]
    if any(step.loses for step in workloads):
        return (f"an outage: its {_kind(workloads[0])} is made anew, and answers again after a start",), True
    rolls = [step for step in workloads if step.op is Op.UPDATE and _pods_change(step)]
    found: list[str] = []
    outage = bool(rolls) and any(_recreates(step.after or {}) for step in rolls)
    if outage:
        found.append(f"an outage: all replicas go before the first new one starts (up to {highest})")
    elif rolls:
        found.append(f"replicas are replaced one after another (up to {highest}), each new one on a spare GPU before an old one goes")
    scalers = [step for step in server.steps if _kind(step) in _BACKENDS]
    if any(step.loses for step in scalers):
        found.append("the autoscaler is made anew: replicas stay as they are until it has a value")
    if not found and any(step.op is Op.UPDATE for step in scalers):
        found.append("no replica restarts")
    return tuple(found), outage


def _pods_change(step: Step) -> bool:
    before, after = (_templates(presentable(body or {})) for body in (step.before, step.after))
    return before != after


def _given(label: str, value: object) -> Iterator[tuple[str, str]]:
    if value is not None:
        yield label, str(value)


def _at(value: Any, *path: str | int) -> Any:
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value
