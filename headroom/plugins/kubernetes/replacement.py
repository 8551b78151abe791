"""Which changes make a new object: fields that the official plugin replaces on, by kind."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.plugins.kubernetes.client import GVK, Object

Path = tuple[str, ...]

IDENTITY: tuple[str, ...] = ("metadata.name", "metadata.namespace")
DATA = ("data", "binaryData")
SECRET_DATA = ("data", "stringData", "type")
POD_MUTABLE = ("spec.activeDeadlineSeconds", "spec.tolerations")
# fmt: off
VOLUME_SOURCES = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi",
    "fc", "flexVolume", "flocker", "gcePersistentDisk", "glusterfs", "hostPath",
    "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte",
    "rbd", "scaleIO", "storageos", "vsphereVolume",
)
# fmt: on

# (group, kind) → paths; a change at or below one of them replaces.
REPLACES: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "ConfigMap"): DATA,
    ("", "Secret"): SECRET_DATA,
    ("", "Pod"): ("spec",),
    ("", "Service"): ("spec.clusterIP",),
    ("", "PersistentVolumeClaim"): ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
    ("", "PersistentVolume"): tuple(f"spec.{source}" for source in VOLUME_SOURCES),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "DaemonSet"): ("spec.selector",),
    ("apps", "StatefulSet"): ("spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
    ("batch", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
}
MUTABLE: dict[tuple[str, str], tuple[str, ...]] = {("", "Pod"): POD_MUTABLE}


@dataclass(frozen=True)
class Replacing:
    """The paths of one object whose change replaces it."""

    paths: tuple[Path, ...]
    mutable: tuple[Path, ...] = ()

    def on(self, path: Path) -> bool:
        """`path` names keys only: positions in lists are left out."""
        return _below(path, self.paths) and not _below(path, self.mutable)


def replacing(new: Object, *, config_map_mutable: bool = False, secret_mutable: bool = False) -> Replacing:
    """With the provider options for mutable ConfigMaps and Secrets only an object with `immutable: true` is replaced for its data."""
    gvk = GVK.of(new)
    key = (gvk.group, gvk.kind)
    updates_data = {("", "ConfigMap"): config_map_mutable, ("", "Secret"): secret_mutable}.get(key, False) and new.get(
        "immutable"
    ) is not True
    paths = ("type",) if updates_data and key == ("", "Secret") else () if updates_data else REPLACES.get(key, ())
    return Replacing(_split(IDENTITY + paths), _split(MUTABLE.get(key, ())))


def _split(paths: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(tuple(path.split(".")) for path in paths)


def _below(path: Path, tops: tuple[Path, ...]) -> bool:
    return any(path[: len(top)] == top for top in tops)
