"""What a stack file alone says twice: two owners of one API, two device plugins, one name for two releases, what the cloud has already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headroom.catalog.distributions import Distribution
from headroom.catalog.gpu_nodes import GPU_NODES, Operand, gpu_nodes
from headroom.settings.platform import AddOn, Mode, Platform
from headroom.settings.problems import Problem

_ADAPTER_RULES = {
    "external": ("external.metrics.k8s.io", "keda"),
    "resource": ("metrics.k8s.io", "metricsServer"),
}
"""Values of prometheus-adapter's chart that make it serve an API besides its own, and the add-on whose API that is.

Source: prometheus-community/helm-charts charts/prometheus-adapter/templates."""


def platform_conflicts(platform: Platform, on: Distribution | None) -> Iterator[Problem]:
    """`on` is None where the cluster's own settings are not valid."""
    yield from _adapter(platform)
    yield from _one_name_each(platform)
    if on is not None:
        yield from _shipped(platform, on)
        yield from _device_plugin(platform, on)


def _adapter(platform: Platform) -> Iterator[Problem]:
    for rules, (api, owner) in _ADAPTER_RULES.items():
        asked = _at(platform.prometheus_adapter.overrides, "rules", rules)
        if asked and platform.add_ons[owner].mode is not Mode.NONE:
            yield Problem(
                ("platform", "prometheusAdapter", "overrides", "rules", rules),
                f"would make prometheus-adapter a second owner of {api}, which platform.{owner} has: an API has one; leave these rules "
                f"out, or set platform.{owner} to none",
            )


def _one_name_each(platform: Platform) -> Iterator[Problem]:
    taken: dict[tuple[str, str], str] = {}
    for name, addon in platform.add_ons.items():
        if addon.mode is Mode.HELM:
            first = taken.setdefault((addon.namespace, addon.release), name)
            if first != name:
                yield Problem(
                    ("platform", name, "release"),
                    f"is platform.{first}'s name already in namespace {addon.namespace}, and Helm knows a release by it: give one of them "
                    "another",
                )


def _shipped(platform: Platform, on: Distribution) -> Iterator[Problem]:
    for name, why in on.ships.items():
        if platform.add_ons[name].mode is Mode.HELM:
            yield Problem(("platform", name), f"{why}, and a second one would break both: set existing")


def _device_plugin(platform: Platform, on: Distribution) -> Iterator[Problem]:
    operator: AddOn = platform.gpu_operator
    chosen = platform.gpu_operator.nodes
    if operator.mode is not Mode.HELM or (chosen and chosen not in GPU_NODES[on.name]):
        return
    nodes = gpu_nodes(on.name, chosen)
    part = Operand.DEVICE_PLUGIN
    if part in nodes.brings and _at(operator.overrides, part, "enabled") is True:
        yield Problem(
            ("platform", "gpuOperator", "overrides", str(part), "enabled"),
            f"would bring a second device plugin: {nodes.title}; leave it out, or set platform.gpuOperator.nodes to what the nodes are",
        )


def _at(values: Mapping[str, Any], *path: str) -> Any:
    found: Any = values
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
