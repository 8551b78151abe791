"""What monitoring needs of the rest of a stack: the credentials that it names, a cluster that leaves room for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headroom.settings.cluster import KwokCluster
from headroom.settings.platform import Mode, Monitoring, Platform
from headroom.settings.problems import Problem

_PATH = ("platform", "monitoring")


def monitoring_needs(platform: Platform, cluster: Any, credentials: frozenset[str] | None) -> Iterator[Problem]:
    """`credentials` are the names of those that the stack has, None where that cannot be told."""
    monitoring = platform.monitoring
    if monitoring.url and isinstance(cluster, KwokCluster):
        yield Problem((*_PATH, "url"), "the sandbox runs a Prometheus of its own, and leads to it by itself: leave url out")
    # The sandbox runs what it is said to have on what the stack renders: its Alertmanager is ours.
    ours = (Mode.HELM, Mode.EXISTING) if isinstance(cluster, KwokCluster) else (Mode.HELM,)
    if monitoring.receivers and monitoring.mode not in ours:
        yield Problem(
            (*_PATH, "receivers"),
            "are those of the Alertmanager that mode: helm installs; an existing one is told in its own configuration where alerts go, "
            "by their label severity: set mode: helm, or leave receivers out",
        )
    if platform.prometheus_adapter.mode is Mode.HELM and monitoring.mode is Mode.NONE:
        yield Problem(
            ("platform", "prometheusAdapter"),
            "it would ask a Prometheus that platform.monitoring says is not there, and serve nothing: set platform.monitoring to helm or "
            "existing, or platform.prometheusAdapter to none",
        )
    for path, name, remedy in _named(monitoring):
        if credentials is not None and name not in credentials:
            yield Problem(
                ("credentials", name),
                f"is required by {'.'.join((*_PATH, *path))}: set it with "
                f"`pulumi config set --secret --path headroom:credentials.{name}`{remedy}",
            )


def _named(monitoring: Monitoring) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Path below monitoring, credential, and what else would do."""
    for key, name in monitoring.access.credentials.items():
        yield ("access", key), name, ""
    if monitoring.mode is Mode.HELM and monitoring.grafana.mode == "helm":
        yield ("grafana", "password"), monitoring.grafana.password, ", or write grafana: none; there is no default password"
    for receiver, settings in monitoring.receivers.items():
        if settings.credential:
            key, name = settings.credential
            yield ("receivers", receiver, key), name, ""
