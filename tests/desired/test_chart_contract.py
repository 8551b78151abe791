"""What every add-on asks of its charts is what the charts have, on every kind of cluster."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from headroom.catalog.charts.contract import deviations
from headroom.catalog.charts.tree import facts
from headroom.catalog.distributions import DISTRIBUTIONS
from headroom.desired.platform import Release, add_ons
from headroom.settings.cluster import CLUSTERS, Cluster
from headroom.settings.platform import Mode, Platform
from headroom.settings.pool import Pool
from headroom.settings.stack import Stack
from tests.evidence import Proof

PAGE = Path(__file__).resolve().parents[2] / "docs" / "platform.md"
HELM: dict[str, Any] = {name: {"mode": "helm"} for name in Platform().add_ons}
EVERYTHING: dict[str, Any] = {
    **HELM,
    "monitoring": {
        "mode": "helm",
        "labels": {"release": "prometheus"},
        "storage": {"size": "50Gi", "storageClass": "fast"},
        "receivers": {"on-call": {"slack": {"url": "slack", "channel": "#gpu"}}},
    },
    "traefik": {
        "mode": "helm",
        "loadBalancer": {"scope": "public", "allowedSources": ["10.0.0.0/8"], "annotations": {"example.com/subnet": "a"}},
        "tls": {"secret": "wildcard"},
        "defaultIngressClass": True,
    },
    "charts": {"source": "charts"},
    "images": {"registry": "registry.example.com/mirror", "login": {"user": "robot", "password": "mirror"}},
}
"""More of the settings than any stack says at once."""

PROVIDERS: dict[str, dict[str, Any]] = {
    "kwok": {},
    "eks": {"name": "a", "region": "us-west-2"},
    "gke": {"name": "a", "project": "project", "location": "us-central1"},
    "aks": {"name": "a", "resourceGroup": "a", "location": "eastus"},
}
EVERY_CLUSTER: dict[str, dict[str, Any]] = {
    **{f"existing-{name}": {"provider": "existing", "name": "a", "distribution": name} for name in DISTRIBUTIONS if name != "kwok"},
    **{name: {"provider": name, **said} for name, said in PROVIDERS.items()},
}
"""As a stack says it, of every provider and every distribution."""

ON_EVERY_CLUSTER = pytest.mark.parametrize("on", EVERY_CLUSTER)
EVERY_ADD_ON = pytest.mark.parametrize("name", HELM)


def stack(on: str, platform: dict[str, Any]) -> Stack:
    cluster = TypeAdapter[Cluster](Cluster).validate_python(EVERY_CLUSTER[on])
    pools = {"l4": Pool(machine="g6.2xlarge", max=5)}
    return Stack("a", cluster, "inference", pools, Platform.model_validate(platform), {})


def releases(on: str, platform: dict[str, Any], name: str) -> tuple[Release, ...]:
    return add_ons(stack(on, platform))[name].releases


def departures(release: Release) -> list[str]:
    return [f"{found.dotted}: {found.message}" for found in deviations(release.values, facts(release.chart.name).values)]


@pytest.mark.proves("values of every add-on are those that its chart has", Proof.SCHEMA)
@ON_EVERY_CLUSTER
@EVERY_ADD_ON
@pytest.mark.parametrize("platform", [HELM, EVERYTHING], ids=["plain", "everything"])
def test_an_add_on_asks_its_charts_for_what_they_have(name: str, on: str, platform: dict[str, Any]) -> None:
    found = releases(on, platform, name)
    assert found
    assert {release.chart.name: departures(release) for release in found} == {release.chart.name: [] for release in found}


def test_every_provider_is_among_them() -> None:
    assert {said["provider"] for said in EVERY_CLUSTER.values()} == CLUSTERS.keys()


@ON_EVERY_CLUSTER
@EVERY_ADD_ON
@pytest.mark.parametrize("mode", [Mode.EXISTING, Mode.NONE])
def test_what_is_not_installed_asks_no_chart_for_anything(name: str, on: str, mode: Mode) -> None:
    assert releases(on, {name: {"mode": mode}}, name) == ()


SECTIONS = {
    "GPU Operator": "gpu-operator",
    "Monitoring": "kube-prometheus-stack",
    "prometheus-adapter": "prometheus-adapter",
    "KEDA": "keda",
    "metrics-server": "metrics-server",
    "LeaderWorkerSet controller": "lws",
    "Traefik": "traefik",
    "Elastic Fabric Adapters": "aws-efa-k8s-device-plugin",
    "Node autoscaling": "karpenter",
    "AWS Load Balancer Controller": "aws-load-balancer-controller",
}


def advised() -> list[tuple[str, dict[str, Any]]]:
    """The overrides that the platform's page writes out, with the chart of the section that they stand in."""
    sections = (section.partition("\n") for section in PAGE.read_text().split("\n## "))
    return [
        (SECTIONS[title], yaml.safe_load(written)) for title, _, text in sections for written in re.findall(r"`overrides: (\{.*?\})`", text)
    ]


@pytest.mark.parametrize(("chart", "overrides"), advised(), ids=str)
def test_what_the_page_advises_to_override_is_in_the_chart(chart: str, overrides: dict[str, Any]) -> None:
    assert [found.dotted for found in deviations(overrides, facts(chart).values)] == []


def test_a_slip_in_our_own_values_is_found() -> None:
    (release,) = releases("existing-other", HELM, "keda")
    watched = release.values["prometheus"]["operator"]
    watched["serviceMonitr"] = watched.pop("serviceMonitor")
    said = "is not a value of the chart: did you mean prometheus.operator.serviceMonitor?"
    assert f"prometheus.operator.serviceMonitr: {said}" in departures(release)
