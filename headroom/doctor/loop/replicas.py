"""The last links: the workload follows the autoscaler, its pods come up, and those that wait find room."""

from __future__ import annotations

from headroom.catalog.names import ASKED, GPU_RESOURCE, POOL_NODE_LABEL
from headroom.desired.alerts import NODE_SECONDS
from headroom.desired.objects import Object, duration
from headroom.doctor.loop.links import Asleep, Broken, CannotTell, Told
from headroom.doctor.loop.looking import HPA, NODE, POD, Look, condition, names
from headroom.doctor.loop.serving import complaint, count
from headroom.wiring.values import quantity, seconds

_LOOKS = 4
"""Evaluations that must have said yes: a single old one says nothing."""
_MOMENT = 2.0
"""Seconds in which the controller writes what it decided, and the workload's own takes it up."""


def replicas(look: Look) -> Told:
    """As many replicas as the autoscaler asked for, each there, each ready or still within the time that a start may take."""
    server = look.server
    asked, declared, there = _counts(look)
    if look.asleep:
        _sleeps_rightly(look)
        raise Asleep("no replica is asked for")
    if asked != declared or there != declared:
        look.sleep(_MOMENT)
        asked, declared, there = _counts(look)
    kind = server.workload_kind.kind
    if asked is None:
        raise CannotTell("the autoscaler has decided nothing yet", "look again in 15 s")
    if asked != declared:
        raise Broken(
            f"the autoscaler asks for {asked} replicas, and {kind} {server.place} says {declared}: somebody else writes its spec.replicas",
            f"`kubectl --namespace {server.namespace} get {kind.lower()} {server.name} --show-managed-fields -o yaml` says who",
        )
    refused = condition(look.object_now(server.workload_kind), "ReplicaFailure")
    if refused.get("status") == "True":
        raise Broken(
            f"{there} of {declared} pods are there; others are refused: {refused.get('message')}",
            "raise the quota, or see what the admission webhook wants",
        )
    if there < (declared or 0):
        raise Broken(
            f"{kind} {server.place} says {declared} replicas, and {there} are there",
            f"`kubectl --namespace {server.namespace} get events` says what keeps its controller from making them",
        )
    waiting = [pod for pod in look.pods if pod not in look.ready and condition(pod, "PodScheduled").get("status") == "True"]
    late = [pod for pod in waiting if _age(look, pod) > server.startup]
    if late:
        why = complaint(late[0]) or f"{late[0]['metadata']['name']} has a node for {seconds(round(_age(look, late[0])))}"
        raise Broken(
            f"{len(late)} of {declared} replicas do not get ready in the {seconds(server.startup)} that a start may take: {why}",
            f"`kubectl --namespace {server.namespace} describe pod {late[0]['metadata']['name']}` and its container's log say why",
        )
    starting = f", {len(waiting)} starting" if waiting else ""
    return Told(f"{asked} asked for, {there} there, {len(look.ready)} ready{starting}")


def _sleeps_rightly(look: Look) -> None:
    """Whether nobody has asked for the server for so long that it should be awake by now."""
    server = look.server
    lately = f'{ASKED}{{namespace="{server.namespace}", server="{server.name}"}}[{duration(2 * server.freshness)}]'
    asked = look.prometheus.query(f"min_over_time({lately}) and count_over_time({lately}) > {_LOOKS}")
    if asked and asked[0].value > 0:
        raise Broken(
            f"somebody has asked for {server.place} for {seconds(2 * server.freshness)}, and it stays at 0 replicas",
            "the log of keda-operator says why it does not wake the server",
        )


def room(look: Look) -> Told:
    """Pods that wait for a node fit the pool, now or as soon as it has grown."""
    server = look.server
    if look.asleep:
        raise Asleep("no replica waits")
    found = look.listed(POD, {key: value for key, value in server.workload["metadata"]["labels"].items() if "managed-by" not in key})
    leaving = [pod for pod in found if pod["metadata"].get("deletionTimestamp")]
    waiting = [pod for pod in found if pod not in leaving and condition(pod, "PodScheduled").get("status") == "False"]
    if not waiting:
        return Told("no pod waits for a node")
    said = condition(waiting[0], "PodScheduled").get("message", "")
    waits = f"{count(len(waiting), 'pod')} without a node ({names(waiting)}): {said}"
    longest = max(_age(look, pod) for pod in waiting)
    if leaving and longest <= NODE_SECONDS:
        return Told(f"{waits}; {count(len(leaving), 'pod')} on the way out will make room", None)
    if server.pool is None:
        if longest <= NODE_SECONDS:
            return Told(f"{waits}; a node may come within {seconds(NODE_SECONDS)}", None)
        raise Broken(waits, "add nodes that fit, or see what keeps the pods from those that are there")
    name, pool = server.pool
    nodes = _nodes(look, name)
    bare = [node["metadata"]["name"] for node in nodes if not _gpus(node)]
    has = f"pool {name} has {len(nodes)} of at most {pool.max} nodes"
    full = len(nodes) >= pool.max and not bare
    if not full and longest <= NODE_SECONDS:
        return Told(f"{waits}; {has}: one may come within {seconds(NODE_SECONDS)}", None)
    if bare:
        raise Broken(
            f"{waits}; {has}, and {', '.join(bare[:3])} offer no GPU",
            "see the driver and the device plugin there: a kubelet counts GPUs only once the plugin has registered",
        )
    if full:
        raise Broken(f"{waits}; {has}", f"raise pools.{name}.max, lower replicas.max, or free what else runs there")
    raise Broken(
        f"{waits}; {has}, and none has come in {seconds(round(longest))}",
        "see the node autoscaler's events and log, and whether the cloud has such machines and quota left",
    )


def _counts(look: Look) -> tuple[int | None, int | None, int]:
    """Replicas asked for by the autoscaler, declared by the workload, and there."""
    hpa = look.object_now(HPA, look.server.hpa)
    workload = look.object_now(look.server.workload_kind) or {}
    declared = (workload.get("spec") or {}).get("replicas")
    status = workload.get("status") or {}
    return ((hpa or {}).get("status") or {}).get("desiredReplicas"), declared, status.get("replicas") or 0


def _age(look: Look, pod: Object) -> float:
    return look.seconds_since(pod["metadata"]["creationTimestamp"])


def _nodes(look: Look, pool: str) -> list[Object]:
    try:
        return look.listed(NODE, {POOL_NODE_LABEL: pool}, everywhere=True)
    except CannotTell as error:
        raise CannotTell("pods wait for a node, and you may not list the nodes of their pool", error.fix) from None


def _gpus(node: Object) -> int:
    """GPUs, or parts of them, that a node's kubelet offers."""
    allocatable = (node.get("status") or {}).get("allocatable") or {}
    return sum(int(quantity(str(amount)) or 0) for name, amount in allocatable.items() if name.startswith(GPU_RESOURCE.partition("/")[0]))
