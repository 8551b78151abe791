from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.refusals import NotCovered, refuse_component, refuse_function, refuse_type
from tests.plugins.kubernetes.objects import config_map


@pytest.mark.parametrize(
    ("token", "inputs", "named"),
    [
        ("kubernetes:helm.sh/v4:Chart", {}, r"helm\.v4\.Chart"),
        ("kubernetes:core/v1:ConfigMapPatch", config_map(), r"Patch resources \(ConfigMapPatch\)"),
        ("kubernetes:core/v1:ConfigMapPatch", {}, r"Patch resources \(ConfigMapPatch\)"),
        ("kubernetes:ex.io/v1:DiskPatch", {"apiVersion": "ex.io/v1", "kind": "Disk"}, r"Patch resources \(DiskPatch\)"),
        ("kubernetes:core/v1:ConfigMapList", {"apiVersion": "v1", "kind": "ConfigMapList", "items": []}, "list resources exist"),
    ],
)
def test_what_is_not_covered_is_refused_by_name(token: str, inputs: dict, named: str) -> None:
    with pytest.raises(NotCovered, match=named):
        refuse_type(token, inputs)


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("kubernetes:core/v1:ConfigMap", config_map()),
        ("kubernetes:ex.io/v1:DiskPatch", {"apiVersion": "ex.io/v1", "kind": "DiskPatch"}),
        ("kubernetes:ex.io/v1:AllowList", {"apiVersion": "ex.io/v1", "kind": "AllowList"}),
    ],
    ids=["an object", "a custom resource called Patch", "a custom resource called List"],
)
def test_objects_are_covered(token: str, inputs: dict) -> None:
    refuse_type(token, inputs)


def test_a_function_is_refused_by_name() -> None:
    assert "kubernetes:helm:template" in str(refuse_function("kubernetes:helm:template"))


def test_a_component_is_refused_by_name() -> None:
    assert "yaml.v2.ConfigGroup" in str(refuse_component("kubernetes:yaml/v2:ConfigGroup"))
