"""Which fields replace an object, kind by kind: the list of the official plugin."""

from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.replacement import replacing


def replaces(api_version: str, kind: str, path: str, **options: bool) -> bool:
    return replacing({"apiVersion": api_version, "kind": kind}, **options).on(tuple(path.split(".")))


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("v1", "ConfigMap", "data.a"),
        ("v1", "ConfigMap", "binaryData"),
        ("v1", "Secret", "data.a"),
        ("v1", "Secret", "type"),
        ("apps/v1", "Deployment", "spec.selector.matchLabels.app"),
        ("apps/v1", "DaemonSet", "spec.selector"),
        ("apps/v1", "StatefulSet", "spec.serviceName"),
        ("apps/v1", "StatefulSet", "spec.volumeClaimTemplates"),
        ("apps/v1", "StatefulSet", "spec.podManagementPolicy"),
        ("batch/v1", "Job", "spec.template.spec.containers.image"),
        ("batch/v1", "Job", "spec.completions"),
        ("v1", "Pod", "spec.containers.image"),
        ("v1", "Pod", "spec.nodeSelector"),
        ("v1", "Service", "spec.clusterIP"),
        ("v1", "PersistentVolumeClaim", "spec.storageClassName"),
        ("v1", "PersistentVolume", "spec.hostPath.path"),
        ("storage.k8s.io/v1", "StorageClass", "parameters.type"),
        ("v1", "ResourceQuota", "spec.scopes"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef.name"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef.name"),
        ("ex.io/v1", "Widget", "metadata.name"),
    ],
)
def test_replaces_on(api_version: str, kind: str, path: str) -> None:
    assert replaces(api_version, kind, path)


@pytest.mark.parametrize(
    ("api_version", "kind", "path"),
    [
        ("v1", "ConfigMap", "metadata.labels.a"),
        ("v1", "ConfigMap", "immutable"),
        ("apps/v1", "Deployment", "spec.template.metadata.labels.app"),
        ("apps/v1", "ReplicaSet", "spec.selector"),
        ("apps/v1", "StatefulSet", "spec.replicas"),
        ("batch/v1", "Job", "spec.backoffLimit"),
        ("batch/v1", "CronJob", "spec.jobTemplate.spec.template"),
        ("v1", "Pod", "spec.tolerations"),
        ("v1", "Pod", "spec.activeDeadlineSeconds"),
        ("v1", "Service", "spec.type"),
        ("v1", "Service", "spec.ports.port"),
        ("v1", "PersistentVolumeClaim", "spec.resources.requests.storage"),
        ("v1", "PersistentVolume", "spec.capacity.storage"),
        ("scheduling.k8s.io/v1", "PriorityClass", "value"),
        ("policy/v1", "PodDisruptionBudget", "spec.selector"),
        ("ex.io/v1", "Widget", "spec.size"),
        ("ex.io/v1", "ConfigMap", "data.a"),
    ],
)
def test_updates_in_place_on(api_version: str, kind: str, path: str) -> None:
    assert not replaces(api_version, kind, path)


def test_a_mutable_config_map_is_updated_in_place() -> None:
    assert not replaces("v1", "ConfigMap", "data.a", config_map_mutable=True)


def test_a_mutable_secret_keeps_its_type() -> None:
    assert replaces("v1", "Secret", "type", secret_mutable=True)
    assert not replaces("v1", "Secret", "data.a", secret_mutable=True)


def test_an_immutable_config_map_is_replaced_all_the_same() -> None:
    new = {"apiVersion": "v1", "kind": "ConfigMap", "immutable": True}
    assert replacing(new, config_map_mutable=True).on(("data", "a"))
