"""What must hold between a server's autoscaling, its engine and the platform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from headroom.catalog.engines.model import Engine, EngineFamily, spelled
from headroom.catalog.names import SERIES_PREFIX
from headroom.catalog.signals import RESOURCE_SIGNALS, SIGNALS
from headroom.settings.autoscaling import Autoscaling, Backend
from headroom.settings.platform import Mode, Platform
from headroom.settings.problems import Path, Problem
from headroom.settings.targets import target_value

_READS_THROUGH = {
    Backend.HPA: ("monitoring", "prometheusAdapter"),
    Backend.KEDA: ("monitoring", "keda"),
}
_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def scaling(path: Path, settings: Autoscaling, platform: Platform | None, *, routed: bool) -> Iterator[Problem]:
    """`path` is that of the server's `autoscaling`; `routed`: whether the server has a route."""
    yield from _backend(path, settings)
    yield from _sleep(path, settings, platform, routed)
    if platform is not None:
        yield from _add_ons(path, settings, platform)


def signals(path: Path, settings: Autoscaling, engine: Engine) -> Iterator[Problem]:
    """Whether the engine offers what the server is to be held at, and the pods do not what is to wake it."""
    for name, target in settings.signals.items():
        if name not in offered(engine):
            yield unknown_signal((*path, "signals", name), f"{engine.name} {spelled(engine.version)}", offered(engine))
            continue
        try:
            target_value(SIGNALS[name], target)
        except ValueError as error:
            yield Problem((*path, "signals", name), str(error))
    if settings.wake and settings.wake.query:
        own = {metric.name for metric in engine.metrics}
        named = _METRIC_NAME.findall(settings.wake.query)
        for name in sorted({name for name in named if name in own or name.startswith(SERIES_PREFIX)}):
            yield Problem(
                (*path, "wake", "query"),
                f"{name} comes from the server's own pods: a signal emitted by the pods themselves can never wake the server, for there "
                "are none; count what arrives in front of it, such as requests at Traefik",
            )


def offered(engine: Engine | EngineFamily) -> tuple[str, ...]:
    """By a version, or by some version of a family."""
    return (*engine.signals, *RESOURCE_SIGNALS)


def unknown_signal(path: Path, whose: str, known: Sequence[str]) -> Problem:
    return Problem(path, f"is not a signal of {whose}; it offers: {', '.join(known)}")


def _backend(path: Path, settings: Autoscaling) -> Iterator[Problem]:
    if settings.backend is Backend.KEDA:
        return
    if settings.replicas.min == 0:
        yield Problem(
            (*path, "replicas", "min"), "0 needs backend keda: a HorizontalPodAutoscaler neither goes to zero nor comes back; set it to 1"
        )
    if settings.fallback is not None:
        yield Problem(
            (*path, "fallback"), "is KEDA's; backend hpa holds the present replicas while it cannot read its signals: leave it out"
        )


def _sleep(path: Path, settings: Autoscaling, platform: Platform | None, routed: bool) -> Iterator[Problem]:
    wake = settings.wake
    if settings.fallback is not None and settings.fallback > settings.replicas.max:
        yield Problem((*path, "fallback"), "is larger than replicas.max, which holds then too; lower it")
    if settings.replicas.min == 0 and wake is None and settings.backend is Backend.KEDA:
        yield Problem(
            (*path, "wake"),
            "is required where replicas.min is 0: a signal emitted by the pods themselves can never wake the server, for there are none; "
            "give the server a route and write wake: {}, give a query that counts what arrives in front of it, or set replicas.min to 1",
        )
    if wake is None:
        return
    if settings.replicas.min > 0:
        yield Problem((*path, "wake"), "is for a server that sleeps: set replicas.min to 0, or leave wake out")
    if not wake.query and not routed:
        yield Problem((*path, "wake", "query"), "is required: the server has no route whose requests could be counted")
    if platform is not None and wake.silence < platform.monitoring.freshness:
        yield Problem(
            (*path, "wake", "after"),
            "is shorter than eight scrapes: a few missed ones would put the server to sleep; "
            f"set {2 * platform.monitoring.freshness:g}s or more",
        )


def _add_ons(path: Path, settings: Autoscaling, platform: Platform) -> Iterator[Problem]:
    modes = {
        "monitoring": platform.monitoring.mode,
        "prometheusAdapter": platform.prometheus_adapter.mode,
        "keda": platform.keda.mode,
    }
    for add_on in _READS_THROUGH[settings.backend]:
        if modes[add_on] is Mode.NONE:
            yield Problem(
                (*path, "backend"), f"{settings.backend} reads its signals through {add_on}, which platform.{add_on} says is not there"
            )
    for name in RESOURCE_SIGNALS:
        if name in settings.signals and platform.metrics_server.mode is Mode.NONE:
            yield Problem(
                (*path, "signals", name),
                "is measured by metrics-server, which platform.metricsServer says is not there; leave the signal out",
            )
