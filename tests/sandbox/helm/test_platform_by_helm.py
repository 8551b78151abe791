"""The platform installed by Helm itself, with a real `pulumi up`, into a cluster that has nothing of it.

The tests build on one another, in this order. Charts are made by the tests, named and versioned as the pinned ones.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest

from headroom.catalog.charts import CHARTS, KEDA, LWS
from headroom.desired import render
from headroom.settings import load
from tests.evidence import Proof
from tests.sandbox.helm import charts
from tests.sandbox.helm.conftest import MIRROR, take_charts_from
from tests.sandbox.helm.registry import Registry
from tests.sandbox.helm.state import left_behind, revisions
from tests.stacks.checkout import Checkout

pytestmark = [pytest.mark.tools, pytest.mark.timeout(900)]

NEWER, NEWEST = "2.20.3", "2.20.4"


def up(checkout: Checkout, *more: str) -> Any:
    return checkout.pulumi("up", "--stack=helm", "--yes", "--skip-preview", "--suppress-progress", *more)


def pin(checkout: Checkout, name: str, old: str, new: str) -> None:
    """Another version in the checkout's own catalogue, as who upgrades a chart writes it."""
    path = checkout.clone.root / "headroom" / "catalog" / "charts" / "__init__.py"
    text = path.read_text()
    assert f'Chart("{name}", "{old}"' in text
    path.write_text(text.replace(f'Chart("{name}", "{old}"', f'Chart("{name}", "{new}"'))


def values_of(checkout: Checkout, release: str, namespace: str) -> dict[str, Any]:
    """What the release's chart was given, as it rendered it."""
    found = {item["metadata"]["name"]: item for item in checkout.objects("configmaps", namespace)}
    return json.loads(found[f"{release}-values"]["data"]["values"])


def served(checkout: Checkout, definition: str) -> list[str]:
    """The versions of a kind that the cluster serves; none where it does not know the kind."""
    found = {item["metadata"]["name"]: item for item in checkout.objects("customresourcedefinitions")}
    return [version["name"] for version in found[definition]["spec"]["versions"]] if definition in found else []


def ready(checkout: Checkout, name: str, namespace: str) -> int:
    (found,) = [item for item in checkout.objects("deployments", namespace) if item["metadata"]["name"] == name]
    return found["status"].get("readyReplicas", 0)


@pytest.mark.proves("add-ons are installed by a real Helm from a directory of charts", Proof.REAL)
def test_every_add_on_is_installed_from_a_directory(checkout: Checkout) -> None:
    made = up(checkout)
    assert made.returncode == 0, made.stdout
    desired = render(load(checkout.clone.stack_file("helm")))
    releases = [release for addon in desired.platform.values() for release in addon.releases]
    of_eks = {"cluster-autoscaler", "karpenter", "aws-efa-k8s-device-plugin", "aws-load-balancer-controller"}
    assert {release.chart.name for release in releases} >= CHARTS.keys() - of_eks
    assert revisions(checkout) == {release.name: 1 for release in releases}
    assert ready(checkout, "keda", "keda") == 1


@pytest.mark.parametrize("name", ["keda", "metricsServer", "lws", "gpuOperator"])
def test_a_chart_is_given_exactly_the_rendered_values(checkout: Checkout, name: str) -> None:
    addon = render(load(checkout.clone.stack_file("helm"))).platform[name]
    release = addon.releases[-1]
    assert values_of(checkout, release.name, release.namespace) == release.values


def test_definitions_are_there_before_what_needs_them(checkout: Checkout) -> None:
    assert served(checkout, "leaderworkersets.leaderworkerset.x-k8s.io") == ["v1"]
    assert [item["metadata"]["name"] for item in checkout.objects("servicemonitors", "keda")] == ["keda"]


def test_the_password_stands_in_no_output_and_no_state(checkout: Checkout) -> None:
    state = checkout.pulumi("stack", "export", "--stack=helm").stdout
    assert "hunter2" not in state


@pytest.mark.proves("add-ons installed by Helm: an unchanged program changes nothing", Proof.REAL)
def test_an_unchanged_program_changes_nothing(checkout: Checkout) -> None:
    again = up(checkout, "--expect-no-changes")
    assert again.returncode == 0, again.stdout


@pytest.mark.proves("an add-on's chart is upgraded alone", Proof.REAL)
def test_another_version_of_one_chart_upgrades_that_release_alone(checkout: Checkout) -> None:
    before = revisions(checkout)
    charts.package(checkout.clone.root / MIRROR, "keda", NEWER)
    pin(checkout, "keda", KEDA.version, NEWER)
    upgraded = up(checkout)
    assert upgraded.returncode == 0, upgraded.stdout
    assert revisions(checkout) == before | {"keda": 2}


@pytest.mark.proves("definitions that Helm never upgrades are upgraded", Proof.REAL)
def test_a_new_version_of_a_chart_upgrades_its_definitions(checkout: Checkout) -> None:
    newer = dataclasses.replace(LWS, version="0.9.1")
    charts.package(checkout.clone.root / MIRROR, newer.name, newer.version, serves=("v1", "v2"))
    charts.fill(checkout.clone.root / MIRROR, newer)
    pin(checkout, "lws", LWS.version, newer.version)
    upgraded = up(checkout)
    assert upgraded.returncode == 0, upgraded.stdout
    assert served(checkout, "leaderworkersets.leaderworkerset.x-k8s.io") == ["v1", "v2"]


@pytest.mark.proves("a failed upgrade of an add-on leaves the old release serving", Proof.REAL)
def test_an_upgrade_that_fails_leaves_the_old_release_serving(checkout: Checkout) -> None:
    charts.package(checkout.clone.root / MIRROR, "keda", NEWEST, selected="another")
    pin(checkout, "keda", NEWER, NEWEST)
    failed = up(checkout)
    assert failed.returncode != 0
    assert "rolled back due to atomic being set" in failed.stdout
    assert "field is immutable" in failed.stdout
    assert (revisions(checkout)["keda"], ready(checkout, "keda", "keda")) == (4, 1)


def test_the_version_before_mends_it(checkout: Checkout) -> None:
    pin(checkout, "keda", NEWEST, NEWER)
    mended = up(checkout)
    assert mended.returncode == 0, mended.stdout
    assert up(checkout, "--expect-no-changes").returncode == 0


def test_a_chart_that_is_missing_is_named_before_anything_is_done(checkout: Checkout) -> None:
    pin(checkout, "keda", NEWER, "2.21.0")
    preview = checkout.pulumi("preview", "--stack=helm")
    assert preview.returncode != 0
    assert re.search(r"platform\.charts\.source: mirror has no keda-2\.21\.0\.tgz", preview.stdout)
    pin(checkout, "keda", "2.21.0", NEWER)


@pytest.mark.proves("destroy leaves the definitions that are meant to stay, and nothing else", Proof.REAL)
def test_destroy_leaves_definitions_alone(checkout: Checkout) -> None:
    destroyed = checkout.pulumi("destroy", "--stack=helm", "--yes", "--skip-preview", "--suppress-progress")
    assert destroyed.returncode == 0, destroyed.stdout
    assert left_behind(checkout) == []
    assert served(checkout, "leaderworkersets.leaderworkerset.x-k8s.io") == ["v1", "v2"]
    assert served(checkout, "scaledobjects.keda.sh") == ["v1alpha1"]
    assert served(checkout, "servicemonitors.monitoring.coreos.com") == ["v1"]


@pytest.mark.proves("add-ons are installed from an OCI registry, without the internet", Proof.REAL)
def test_a_registry_without_the_internet_serves_the_same(checkout: Checkout, oci: Registry) -> None:
    take_charts_from(checkout, oci.source)
    # As on a machine that trusts its company's authority, and whose way out leads nowhere.
    closed = {"SSL_CERT_FILE": str(oci.authority), "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    away = dataclasses.replace(checkout, environment={**checkout.environment, **closed})
    made = up(away)
    assert made.returncode == 0, made.stdout
    assert up(away, "--expect-no-changes").returncode == 0
    assert revisions(checkout)["keda"] == 1
    destroyed = away.pulumi("destroy", "--stack=helm", "--yes", "--skip-preview", "--suppress-progress")
    assert destroyed.returncode == 0, destroyed.stdout
