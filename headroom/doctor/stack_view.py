"""A stack as the doctor compares it with a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from headroom.desired import Desired
from headroom.desired.platform import Release
from headroom.doctor.found import HelmRelease
from headroom.settings import Stack
from headroom.settings.platform import Mode


@dataclass(frozen=True)
class View:
    """What a stack installs, and what its servers need."""

    stack: Stack
    desired: Desired

    def mode(self, add_on: str) -> Mode:
        return self.stack.platform.add_ons[add_on].mode

    def release(self, add_on: str) -> Release:
        """The release that is the add-on itself, after those that it needs for itself. Only where the mode is helm."""
        settings = self.stack.platform.add_ons[add_on]
        return next(
            release
            for release in self.desired.platform[add_on].releases
            if (release.namespace, release.name) == (settings.namespace, settings.release)
        )

    @cached_property
    def releases(self) -> frozenset[HelmRelease]:
        """Every release of the stack: what carries one of these marks was made by an earlier update."""
        return frozenset(
            HelmRelease(release.namespace, release.name) for addon in self.desired.platform.values() for release in addon.releases
        )

    def made(self, release: HelmRelease | None) -> bool:
        return release in self.releases

    @cached_property
    def kinds(self) -> Mapping[str, set[str]]:
        """Kinds of what the stack applies besides releases, by API group."""
        found: dict[str, set[str]] = {}
        for item in self.desired.objects:
            found.setdefault(item["apiVersion"].rpartition("/")[0], set()).add(item["kind"])
        return found

    @cached_property
    def metric_types(self) -> frozenset[str]:
        """What the stack's own HPAs read: Resource, Pods, Object."""
        return frozenset(metric["type"] for hpa in self._of_kind("HorizontalPodAutoscaler") for metric in hpa["spec"]["metrics"])

    @cached_property
    def trigger_types(self) -> frozenset[str]:
        """What KEDA reads for the stack: prometheus, cpu, memory."""
        return frozenset(trigger["type"] for trigger in self._triggers())

    @cached_property
    def asked_by_keda(self) -> tuple[str, ...]:
        """URLs of the Prometheus that the servers' ScaledObjects ask."""
        return tuple(dict.fromkeys(trigger["metadata"]["serverAddress"] for trigger in self._triggers() if trigger["type"] == "prometheus"))

    def _triggers(self) -> Iterator[Mapping[str, Any]]:
        return (trigger for item in self._of_kind("ScaledObject") for trigger in item["spec"]["triggers"])

    def _of_kind(self, kind: str) -> Iterator[Mapping[str, Any]]:
        return (item for item in self.desired.objects if item["kind"] == kind)
