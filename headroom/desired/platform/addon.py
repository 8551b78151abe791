"""What an add-on asks a cluster for: a release of its chart, and the objects beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.catalog.charts import Chart
from headroom.desired.objects import Object
from headroom.desired.serving import Uses
from headroom.settings.platform import AddOn, Mode
from headroom.settings.stack import Stack


@dataclass(frozen=True)
class Release:
    """A release of a chart, as Helm is told of it."""

    chart: Chart
    name: str
    namespace: str
    values: Object
    source: str | None = None
    """Directory or OCI registry that the chart is taken from; its own repository where None."""
    skip_definitions: bool = False
    """Whether the chart's own custom resource definitions are left out, because a release of their own brings them."""
    brings_definitions: bool = False
    """Whether it is a release of definitions alone. They are kept when it goes, and are there already when it comes again."""
    timeout_seconds: int = 900


@dataclass(frozen=True)
class DesiredAddOn:
    """An add-on of a stack. One that the cluster has already has no release, and may have objects: how it is reached."""

    name: str
    """As a stack spells it."""
    releases: tuple[Release, ...] = ()
    """In the order in which they are installed."""
    pod_security: str = "baseline"
    """Pod Security level that its namespace is held to."""
    objects: Mapping[str, Object] = field(default_factory=dict)
    """By role; they are there before the releases."""
    later: Mapping[str, Object] = field(default_factory=dict)
    """By role; of kinds that the releases bring."""
    credentials: Mapping[str, Uses] = field(default_factory=dict)
    """What is filled into which Secret of `objects`, by role and key."""
    needs: tuple[str, ...] = ()
    """Add-ons that must be there first."""


def installed(
    name: str,
    chart: Chart,
    settings: AddOn,
    values: Object,
    stack: Stack,
    *,
    needs: tuple[str, ...] = (),
    pod_security: str = "baseline",
) -> DesiredAddOn:
    """An add-on that is a release of `chart` where its mode is helm, and nothing otherwise.

    Definitions that Helm would never upgrade are a release of their own before it, where the charts come from a mirror, which has a
    chart of them. Elsewhere Helm installs them with the chart's first release.
    """
    if settings.mode is not Mode.HELM:
        return DesiredAddOn(name)
    place, source = settings.namespace, stack.platform.charts.source
    apart = source is not None and chart.keeps_definitions_old
    definitions = (
        (Release(chart.of_definitions, f"{settings.release}-definitions", place, {}, source, brings_definitions=True),) if apart else ()
    )
    release = Release(chart, settings.release, place, overlaid(values, settings.overrides), source, skip_definitions=apart)
    return DesiredAddOn(name, (*definitions, release), needs=needs, pod_security=pod_security)


def overlaid(values: Mapping[str, Any], over: Mapping[str, Any]) -> Object:
    """Helm's way of laying values over others: mappings are merged, all else is replaced."""
    nested = {key: overlaid(values[key], over[key]) for key in values.keys() & over.keys() if _both_mappings(values[key], over[key])}
    return {**values, **over, **nested}


def _both_mappings(*values: Any) -> bool:
    return all(isinstance(value, Mapping) for value in values)
