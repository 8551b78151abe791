"""The first links: pods that are ready, and an engine in them that tells what it measures."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.catalog.names import POD_LABEL
from headroom.desired.objects import Object
from headroom.doctor.loop import exposition
from headroom.doctor.loop.links import Asleep, Broken, CannotTell, Told
from headroom.doctor.loop.looking import Look, condition, names
from headroom.doctor.loop.prometheus import UNREACHABLE
from headroom.plugins.kubernetes.errors import ApiError, Unreachable
from headroom.wiring.values import seconds

MOST_ASKED = 10
"""Pods whose metrics are read: replicas of one template tell the same, and each takes a request through the API server."""


class _Unanswered(Broken):
    """A pod did not answer the API server. A NetworkPolicy that rejects looks the same, and lets Prometheus in."""


def pods(look: Look) -> Told:
    """At least one pod serves: without any there is nothing to measure. Those that are missing are the business of later links."""
    server = look.server
    workload = look.workload
    if workload is None:
        raise Broken(f"there is no {server.workload_kind.kind} {server.place}", server.again)
    wanted = (workload.get("spec") or {}).get("replicas") or 0
    if look.asleep:
        raise Asleep("no replica: nobody asks for the server, and replicas.min is 0")
    if not wanted:
        raise Broken(
            f"{server.workload_kind.kind} {server.place} is at 0 replicas: somebody set it there, and an autoscaler leaves 0 alone",
            f"`kubectl --namespace {server.namespace} scale {_kind(look)}/{server.name} --replicas={server.settings.replicas.min}`",
        )
    if not look.ready:
        raise Broken(f"none of {len(look.pods)} pods is ready{_why(look.pods)}", _start(look))
    return Told(f"{len(look.ready)} of {len(look.pods)} pods are ready: {names(look.ready)}")


def engine(look: Look) -> Told:
    """The engine's own metrics, as a pod gives them through the API server's proxy; where that cannot reach it, as Prometheus read them."""
    if look.asleep:
        raise Asleep("no replica to ask")
    try:
        return _asked(look)
    except (CannotTell, _Unanswered) as untold:
        if read := _read(look):
            return read
        raise untold from None


def _asked(look: Look) -> Told:
    server = look.server
    wanted = list(dict.fromkeys(name for bound in server.signals for name in exposition.needed(bound.pod.expr)))
    asked = look.ready[:MOST_ASKED]
    exported: set[str] = set()
    for pod in asked:
        there = exposition.series(_exposed(look, pod))
        exported |= there.keys()
        absent = [name for bound in server.signals for name in exposition.missing(bound.pod.expr, there)]
        if absent:
            raise Broken(
                f"{_where(look, pod)} answers without {', '.join(dict.fromkeys(absent))}",
                "see the arguments of its container: whether metrics are on, and which model they are of",
            )
    has = ", ".join(name for name in wanted if name in exported)
    return Told(f":{server.metrics_port}{server.scrape['path']} of {count(len(asked), 'pod')} has {has}")


def _read(look: Look) -> Told | None:
    """What Prometheus has of every ready pod; None where it cannot be asked, or has not all of late: the cause may be another link."""
    server = look.server
    wanted = list(dict.fromkeys(name for bound in server.signals for name in exposition.needed(bound.pod.expr)))
    selector = f'{{__name__=~"{"|".join(wanted)}", namespace="{server.namespace}", server="{server.name}"}}'
    try:
        found = look.prometheus.query(selector)
        ages = look.prometheus.query(f"max(time() - timestamp({selector}))")
    except (Broken, CannotTell):
        return None
    for pod in look.ready:
        own = [element for element in found if element.labels.get(POD_LABEL) == pod["metadata"]["name"]]
        there: dict[str, list[Mapping[str, str]]] = {}
        for element in own:
            there.setdefault(element.labels.get("__name__", ""), []).append(element.labels)
        if any(exposition.missing(bound.pod.expr, there) for bound in server.signals):
            return None
    age = ages[0].value if ages else None
    if age is None or age > server.freshness:
        return None
    has = ", ".join(name for name in wanted if any(element.labels.get("__name__") == name for element in found))
    told = f"Prometheus has {has} of {count(len(look.ready), 'pod')}, which the API server itself cannot ask"
    return Told(told, age)


def _exposed(look: Look, pod: Object) -> str:
    server, where = look.server, _where(look, pod)
    name = pod["metadata"]["name"]
    path = f"/api/v1/namespaces/{server.namespace}/pods/{name}:{server.metrics_port}/proxy{server.scrape['path']}"
    log = f"`kubectl --namespace {server.namespace} logs {name}` says why"
    try:
        return look.text(path)
    except Unreachable as error:
        raise CannotTell(f"nothing came back from {where}: {error}", "look again") from None
    except ApiError as error:
        if error.status in (401, 403):
            raise CannotTell(
                f"you may not ask pods of namespace {server.namespace} through the API server (get pods/proxy)", look.rights
            ) from None
        if any(words in error.message for words in UNREACHABLE) or error.status in (502, 504):
            raise CannotTell(
                f"the API server cannot reach {where}: {error.message}",
                "a firewall or a NetworkPolicy may keep the control plane out, and Prometheus has its own way there: see the next links",
            ) from None
        raise _Unanswered(f"{where} does not answer: {error.message}", log) from None


def _where(look: Look, pod: Object) -> str:
    return f"pod {pod['metadata']['name']}:{look.server.metrics_port}{look.server.scrape['path']}"


def _kind(look: Look) -> str:
    return look.server.workload_kind.kind.lower()


def _why(found: list[Object]) -> str:
    """What the first pod that has a reason says."""
    for pod in found:
        if said := complaint(pod):
            return f": {said}"
    return ""


def complaint(pod: Object) -> str:
    """Why a pod is not ready, in the words of its status; empty where it says nothing."""
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return f"{name} waits for a node: {scheduled.get('message') or scheduled.get('reason')}"
    if status.get("phase") == "Failed":
        return f"{name} failed: {status.get('reason') or ''} {status.get('message') or ''}".rstrip()
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (container.get("state") or {}).get("waiting")
        if waiting and waiting.get("reason") not in ("PodInitializing", "ContainerCreating"):
            return f"{name}, container {container['name']}: {waiting.get('reason')} {waiting.get('message') or ''}".rstrip()
        ended = (container.get("lastState") or {}).get("terminated")
        if ended and not container.get("ready"):
            return f"{name}, container {container['name']} ended with {ended.get('exitCode')} ({ended.get('reason')})"
    return ""


def _start(look: Look) -> str:
    budget = seconds(look.server.startup)
    return (
        f"`kubectl --namespace {look.server.namespace} describe pod` and its container's log say why; a start may take {budget}, "
        "until then it may just be on its way"
    )


def count(number: int, noun: str) -> str:
    """`1 pod`, `2 pods`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
