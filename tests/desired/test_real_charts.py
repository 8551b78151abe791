"""The real charts, rendered by the real Helm from the values of every add-on.

They are those of `tests.published_charts`; without them these tests are left out.
"""

from __future__ import annotations

import itertools
import re
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom import tools
from headroom.catalog.charts import CHARTS
from headroom.catalog.charts.images import images
from headroom.catalog.charts.refresh import check
from headroom.catalog.images import registry_of
from headroom.desired.objects import Object
from headroom.desired.platform import Release
from headroom.desired.platform.addon import overlaid
from headroom.paths import Clone
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring.chart import alertmanager_objects, prometheus_object
from tests.desired.test_chart_contract import EVERY_CLUSTER, EVERYTHING, HELM, releases
from tests.evidence import Proof
from tests.published_charts import DIRECTORY, NEEDED, needs_them

PAGE = Path(__file__).resolve().parents[2] / "docs" / "air-gap.md"
MIRROR = "registry.example.com/mirror"
UNPUBLISHED = {"vgpu-manager"}
"""Who licenses vGPU builds it: `tests.catalog.charts.test_images.NO_IMAGE`."""

pytestmark = [
    pytest.mark.tools,
    needs_them,
]
EVERY_ADD_ON = pytest.mark.parametrize("name", HELM)


def rendered(release: Release) -> list[Object]:
    """Every object of a release, hooks and tests included."""
    return _rendered(release.chart.name, release.chart.version, release.name, release.namespace, yaml.safe_dump(release.values))


@cache
def _rendered(chart: str, version: str, name: str, namespace: str, values: str) -> list[Object]:
    helm = tools.require("helm")["helm"]
    archive = DIRECTORY / f"{chart}-{version}.tgz"
    command = [str(helm), "template", name, str(archive), "--namespace", namespace, "--values", "-"]
    done = subprocess.run(command, input=values, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    # YAML 1.1 would make a value of the operator `=` that a definition allows; texts are enough here.
    return [item for item in yaml.load_all(done.stdout, getattr(yaml, "CBaseLoader", yaml.BaseLoader)) if item]


def named(value: Any) -> Iterator[str]:
    """Every image that objects name, in whatever key."""
    if isinstance(value, dict):
        if {"repository", "image", "version"} <= value.keys():
            yield f"{value['repository']}/{value['image']}:{value['version']}"
        elif isinstance(value.get("image"), str):
            yield value["image"]
        for below in value.values():
            yield from named(below)
    elif isinstance(value, list):
        for one in value:
            yield from named(one)


def pods(value: Any) -> Iterator[Object]:
    if isinstance(value, dict):
        if isinstance(value.get("containers"), list):
            yield value
        for below in value.values():
            yield from pods(below)
    elif isinstance(value, list):
        for one in value:
            yield from pods(one)


def without_schemas(objects: list[Object]) -> list[Object]:
    return [item for item in objects if item["kind"] != "CustomResourceDefinition"]


@pytest.mark.proves("values of every add-on are those that its chart has", Proof.REAL, needs=NEEDED)
@EVERY_ADD_ON
@pytest.mark.parametrize("on", EVERY_CLUSTER)
def test_the_real_chart_renders_from_our_values(name: str, on: str) -> None:
    for release in releases(on, EVERYTHING, name):
        assert rendered(release)


@pytest.mark.proves("images from a mirror: charts", Proof.REAL, needs=NEEDED)
@EVERY_ADD_ON
def test_every_image_of_the_real_chart_comes_from_the_mirror(name: str) -> None:
    for release in releases("existing-other", EVERYTHING, name):
        found = set(named(without_schemas(rendered(release))))
        assert bool(found) == bool(images(release.chart.name))
        assert {image for image in found if not image.startswith(f"{MIRROR}/")} <= UNPUBLISHED


@EVERY_ADD_ON
def test_nothing_that_the_real_chart_says_leads_to_another_registry(name: str) -> None:
    """An operator is told in arguments and variables which images it is to start."""
    for release in releases("existing-other", EVERYTHING, name):
        homes = {registry_of(f"{image.get('registry', image['repository'])}/") for image in images(release.chart.name).values()}
        said = yaml.safe_dump(without_schemas(rendered(release)))
        assert [home for home in sorted(homes) if f"{home}/" in said] == []


@EVERY_ADD_ON
def test_the_page_lists_every_image_that_a_mirror_must_hold(name: str) -> None:
    listed = PAGE.read_text().partition(f"# {name}\n")[2]
    until_next = [*itertools.takewhile(lambda line: not line.startswith(("#", "`")), listed.splitlines())]
    objects = [item for release in releases("existing-other", HELM, name) for item in without_schemas(rendered(release))]
    in_arguments = re.findall(r"--[a-z-]+=([a-z0-9.-]+\.[a-z]+/[\w./-]+:[\w.-]+)", yaml.safe_dump(objects))
    assert set(until_next) == {*named(objects), *in_arguments} - UNPUBLISHED


@EVERY_ADD_ON
def test_every_pod_of_the_real_chart_pulls_with_the_mirrors_login(name: str) -> None:
    for release in releases("existing-other", EVERYTHING, name):
        accounts = {
            item["metadata"]["name"] for item in rendered(release) if item["kind"] == "ServiceAccount" and item.get("imagePullSecrets")
        }
        for item in without_schemas(rendered(release)):
            for spec in pods(item):
                own = [pull["name"] for pull in spec.get("imagePullSecrets", ())]
                assert own == [f"{release.name}-pull"] or spec.get("serviceAccountName") in accounts, item["metadata"]["name"]


@pytest.mark.parametrize(("name", "kinds"), [("gpuOperator", {"ClusterPolicy"}), ("monitoring", {"Prometheus", "Alertmanager"})])
def test_what_an_operator_starts_pulls_with_the_mirrors_login(name: str, kinds: set[str]) -> None:
    release = releases("existing-other", EVERYTHING, name)[-1]
    wanted = [item["spec"] for item in rendered(release) if item["kind"] in kinds]
    parts = [part for spec in wanted for part in (spec, *spec.values()) if isinstance(part, dict) and {"image", "version"} <= part.keys()]
    assert len(parts) > 1
    for part in parts:
        (pull,) = part["imagePullSecrets"]
        assert pull in (f"{release.name}-pull", {"name": f"{release.name}-pull"})


def test_the_sandbox_tells_of_alerts_as_the_real_chart_does() -> None:
    release = releases("kwok", {**HELM, "monitoring": EVERYTHING["monitoring"]}, "monitoring")[-1]
    named = {(item["kind"], item["metadata"]["name"]): item for item in rendered(release)}
    ours = yaml.load(yaml.safe_dump(alertmanager_objects(release.values, release.namespace, "10.0.0.1", 9093)), yaml.BaseLoader)
    secret, alertmanager, service, _ = ours
    real = [named[item["kind"], item["metadata"]["name"]] for item in (secret, alertmanager, service)]
    assert alertmanager["spec"].items() <= real[1]["spec"].items()
    assert service["spec"]["ports"][0].items() <= real[2]["spec"]["ports"][0].items()
    config, whole = (
        yaml.safe_load(secret["stringData"]["alertmanager.yaml"]),
        yaml.safe_load(b64decode(real[0]["data"]["alertmanager.yaml"])),
    )
    assert overlaid(whole, config) == whole
    prometheus = prometheus_object(release.values, release.name, release.namespace, Layout(Clone(DIRECTORY)), alerted=True)
    assert prometheus["spec"]["alerting"] == named["Prometheus", prometheus["metadata"]["name"]]["spec"]["alerting"]


@pytest.mark.proves("what is kept of the charts' values is what the charts have", Proof.REAL, needs=NEEDED)
def test_what_is_kept_is_what_the_real_charts_have() -> None:
    assert check(DIRECTORY) == []
    assert [chart.name for chart in CHARTS.values() if not (DIRECTORY / f"{chart.name}-{chart.version}.tgz").exists()] == []
