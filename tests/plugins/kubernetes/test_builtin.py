"""The generated table of Kubernetes' own kinds."""

from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.builtin import fields_of, is_builtin, is_namespaced, type_of
from headroom.plugins.kubernetes.client import GVK


@pytest.mark.parametrize("kind", ["Namespace", "Node", "PersistentVolume"])
def test_cluster_scoped_kinds_have_no_namespace(kind: str) -> None:
    assert is_namespaced(GVK("v1", kind)) is False


@pytest.mark.parametrize("gvk", [GVK("v1", "Pod"), GVK("apps/v1", "Deployment"), GVK("autoscaling/v2", "HorizontalPodAutoscaler")])
def test_workloads_have_one(gvk: GVK) -> None:
    assert is_namespaced(gvk) is True


def test_a_custom_resource_is_nobodys_kind() -> None:
    assert not is_builtin(GVK("monitoring.coreos.com/v1", "PodMonitor"))
    assert is_namespaced(GVK("monitoring.coreos.com/v1", "PodMonitor")) is None


def test_embedded_structs_are_part_of_the_type() -> None:
    assert {"name", "emptyDir", "configMap"} <= fields_of("@core/v1.Volume").keys()


def test_every_named_type_exists() -> None:
    seen: set[str] = set()

    def visit(spec: object) -> None:
        if isinstance(spec, list):
            visit(spec[0])
        elif isinstance(spec, dict):
            visit(spec["*"])
        elif isinstance(spec, str) and spec.startswith("@") and spec not in seen:
            seen.add(spec)
            for inner, _ in fields_of(spec).values():
                visit(inner)

    for gvk in (GVK("v1", "Pod"), GVK("apps/v1", "StatefulSet"), GVK("batch/v1", "CronJob"), GVK("networking.k8s.io/v1", "Ingress")):
        visit(type_of(gvk))
    assert "@core/v1.Container" in seen
