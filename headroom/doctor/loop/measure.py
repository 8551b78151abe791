"""The links of a server in their order, each measured as long as those before it hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from headroom.doctor.found import Found
from headroom.doctor.loop import offering, recording, replicas, scaling, scraping, serving
from headroom.doctor.loop.links import Asleep, Broken, CannotTell, Link, Loop, Told, Verdict
from headroom.doctor.loop.looking import HPA, SCALED_OBJECT, Look
from headroom.doctor.loop.watched import Watched
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ApiError, NotJson

Measure = Callable[[Look], Told]

_AT_A_TIME = 8
_RECORDED: dict[str, Measure] = {
    "engine": serving.engine,
    "prometheus": scraping.prometheus,
    "monitor": scraping.monitor,
    "target": scraping.target,
    "rule": recording.rule,
    "series": recording.series,
}
"""Links of what is recorded; CPU and memory are measured by the kubelets and pass by all of them."""

WHAT = {
    "pods": "the server's pods are ready",
    "engine": "the engine answers with the metrics that its signals need",
    "prometheus": "Prometheus answers where it is looked for",
    "monitor": "the PodMonitor fits the pods, and Prometheus has taken it",
    "target": "Prometheus reads every pod",
    "rule": "the recording rules are loaded and evaluated",
    "series": "the recorded series are there, fresh, with their labels",
    "api": "the metrics API is available",
    "scaled-object": "KEDA has taken the ScaledObject",
    "metric": "the adapter or KEDA serves the metrics",
    "autoscaler": "the HorizontalPodAutoscaler reads them",
    "bounds": "its targets and bounds are the stack's, and it is alone",
    "replicas": "the workload follows, and its pods get ready",
    "room": "pods that wait for a node fit the pool",
}
"""Every link by its name, in the order of the chain."""


def links(server: Watched) -> dict[str, Measure]:
    """The links of one server, in their order."""
    return {
        "pods": serving.pods,
        **(_RECORDED if server.signals else {}),
        "api": offering.api,
        **({"scaled-object": offering.scaled_object} if server.by_keda else {}),
        "metric": offering.metric,
        "autoscaler": scaling.autoscaler,
        "bounds": scaling.bounds,
        "replicas": replicas.replicas,
        "room": replicas.room,
    }


def measure(client: Client, servers: tuple[Watched, ...], found: Found) -> tuple[Loop, ...]:
    """The loop of every server. Raises `Unreachable` when the API server stops answering."""
    with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
        return tuple(pool.map(lambda server: loop(Look(client, server, found)), servers))


def loop(look: Look) -> Loop:
    """The loop of one server; without links where nothing of it was ever applied."""
    server = look.server
    return Loop(server.name, server.namespace, tuple(_measured(look)) if _applied(look) else ())


def _applied(look: Look) -> bool:
    try:
        own = look.object(SCALED_OBJECT) if look.server.by_keda else look.object(HPA, look.server.hpa)
        return bool(look.workload or own)
    except CannotTell:
        return True


def _measured(look: Look) -> Iterator[Link]:
    broken = False
    for name, measured in links(look.server).items():
        link = Link(name, Verdict.NOT_REACHED) if broken else _one(name, measured, look)
        broken = broken or link.verdict is Verdict.BROKEN
        yield link


def _one(name: str, measured: Measure, look: Look) -> Link:
    try:
        told = measured(look)
    except Broken as broken:
        return Link(name, Verdict.BROKEN, broken.measured, broken.seconds_old, broken.fix)
    except CannotTell as untold:
        return Link(name, Verdict.CANNOT_TELL, untold.why, None, untold.fix)
    except Asleep as asleep:
        return Link(name, Verdict.ASLEEP, str(asleep), 0)
    except ApiError as error:
        return Link(name, Verdict.CANNOT_TELL, f"the API server answered {error.status}: {error.message}", None)
    except NotJson as error:
        return Link(name, Verdict.CANNOT_TELL, str(error), None)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # Whatever a cluster may hold, the other links are still to be measured.
        return Link(name, Verdict.CANNOT_TELL, f"what was answered has another form than expected ({type(error).__name__}: {error})", None)
    return Link(name, Verdict.HOLDS, told.measured, told.seconds_old)
