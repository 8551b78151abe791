"""Every image of every pinned chart can come from a mirror, and is pulled with a login there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from headroom.catalog.charts import CHARTS
from headroom.catalog.charts.contract import deviations
from headroom.catalog.charts.images import PULL_SECRETS, from_mirror, images, with_pull_secret
from headroom.catalog.charts.tree import Tree, facts
from tests.evidence import Proof

MIRROR = "registry.example.com/mirror"
EVERY_CHART = pytest.mark.parametrize("chart", CHARTS)
NO_IMAGE: Mapping[str, Mapping[str, str]] = {
    "gpu-operator": {
        "kataManager": "the chart names none",
        "vgpuManager": "NVIDIA publishes none: who licenses vGPU builds it and says where it is",
    },
    "keda": {"global.image": "a registry for all images at once: each has its own"},
    "traefik": {
        "global.azure.images.hub": "Azure's marketplace alone",
        "global.azure.images.proxy": "Azure's marketplace alone",
    },
}
"""Mappings of a chart's values that look like an image's and name none that is pulled, and why."""


def places(tree: Tree, names: set[str], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of the keys of some names."""
    for key, below in tree.items() if not isinstance(tree, str) else ():
        if key in names:
            yield (*path, key)
        yield from places(below, names, (*path, key))


@EVERY_CHART
def test_whatever_looks_like_an_image_is_moved_or_known_to_be_none(chart: str) -> None:
    look_alike = {".".join(path[:-1]) for path in places(facts(chart).values, {"repository", "registry"})}
    assert look_alike == {*images(chart), *NO_IMAGE.get(chart, {})}


@pytest.mark.proves("images from a mirror: charts", Proof.SCHEMA)
@EVERY_CHART
def test_every_image_is_moved(chart: str) -> None:
    for path in images(chart):
        moved = from_mirror(chart, MIRROR)
        for key in path.split("."):
            moved = moved[key]
        assert (moved.get("registry") or moved["repository"]).startswith(MIRROR)


def test_each_form_of_a_charts_image_is_moved() -> None:
    assert from_mirror("keda", MIRROR)["image"]["keda"] == {"registry": MIRROR, "repository": "kedacore/keda"}
    assert from_mirror("lws", MIRROR)["image"]["manager"] == {"repository": f"{MIRROR}/lws/lws"}
    assert from_mirror("gpu-operator", MIRROR)["toolkit"] == {"repository": f"{MIRROR}/nvidia/k8s"}
    assert from_mirror("traefik", MIRROR)["image"] == {"registry": MIRROR, "repository": "library/traefik"}


def test_what_the_mirrors_registry_has_anyway_stays() -> None:
    assert from_mirror("keda", "ghcr.io/acme") == {}


@EVERY_CHART
def test_the_chart_has_every_key_that_moves_its_images_and_logs_in(chart: str) -> None:
    tree = facts(chart).values
    assert not list(deviations(from_mirror(chart, MIRROR), tree))
    assert not list(deviations(with_pull_secret(chart, "mirror"), tree))


@EVERY_CHART
def test_every_chart_with_images_has_pull_secrets(chart: str) -> None:
    assert bool(images(chart)) == bool(PULL_SECRETS.get(chart))


def test_every_part_of_the_gpu_operator_pulls_with_the_secret() -> None:
    parts = {".".join(path) for path in places(facts("gpu-operator").values, {"imagePullSecrets"}) if "global" not in path}
    assert parts == set(PULL_SECRETS["gpu-operator"])
