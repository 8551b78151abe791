"""The JSON of `pulumi preview --json` and `pulumi stack export`: the Kubernetes objects and Helm values that a stack asks for.

Shapes: pulumi/pulumi sdk/go/common/apitype/preview.go and deployments.go, observed of the CLI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from headroom.wiring.document import known

Path = tuple[str | int, ...]

_KUBERNETES = "kubernetes:"
_AZURE_VERSION = re.compile(r"(?<=[a-z])/v\d{8}\w*")
CLOUD = "pulumi.com"
"""The group of objects that stand for resources of clouds."""
KEPT = {
    (CLOUD, token)
    for token in (
        "aws:ebs/volume:Volume",
        "aws:efs/fileSystem:FileSystem",
        "aws:eks/cluster:Cluster",
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        "aws:fsx/ontapFileSystem:OntapFileSystem",
        "aws:fsx/openZfsFileSystem:OpenZfsFileSystem",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "aws:s3/directoryBucket:DirectoryBucket",
        "azure-native:compute:Disk",
        "azure-native:containerservice:ManagedCluster",
        "azure-native:storage:FileShare",
        "azure-native:storage:StorageAccount",
        "azure-native:storagecache:AmlFilesystem",
        "gcp:compute/disk:Disk",
        "gcp:compute/regionDisk:RegionDisk",
        "gcp:container/cluster:Cluster",
        "gcp:filestore/instance:Instance",
        "gcp:lustre/instance:Instance",
        "gcp:netapp/volume:Volume",
        "gcp:parallelstore/instance:Instance",
        "gcp:storage/bucket:Bucket",
    )
}
"""Resources of clouds that hold data, or all that runs: as group and kind of the objects that stand for them."""
_RELEASES = ("kubernetes:helm.sh/v3:Release",)
_READ_CHARTS = ("kube-prometheus-stack", "prometheus-adapter", "traefik")
_GONE = ("delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace")


@dataclass(frozen=True)
class Found:
    """An object that a resource stands for, or the values of a Helm release, and where it is in its document."""

    path: Path
    body: Mapping[str, Any]
    release: str | None = None
    namespace: str | None = None
    """Of the release."""
    protected: bool | None = None


def is_output(body: Mapping[str, Any]) -> bool:
    return "kind" not in body and (isinstance(body.get("steps"), list) or _resources(body) is not None)


def objects(body: Mapping[str, Any]) -> Iterator[Found]:
    """What the resources of a preview or of an exported stack stand for."""
    for path, state in _states(body):
        token, inputs = str(state.get("type", "")), state.get("inputs")
        protected = bool(state.get("protect") or state.get("retainOnDelete"))
        name = str(state.get("urn", "")).rpartition("::")[2]
        if isinstance(inputs, Mapping) and (found := resource(token, name, inputs, protected)):
            yield replace(found, path=(*path, "inputs", *found.path))


def resource(token: str, name: str, inputs: Mapping[str, Any], protected: bool) -> Found | None:
    """What a resource of a type, a name and inputs stands for; None where the verifier has nothing to say about it."""
    if token in _RELEASES:
        return _release(str(inputs.get("name") or name), inputs)
    if token.startswith(_KUBERNETES) and not token.endswith("Patch"):
        return Found((), {**_kind_of(token), **inputs}, protected=protected)
    kind = _AZURE_VERSION.sub("", token)
    if (CLOUD, kind) in KEPT:
        return Found((), {"apiVersion": f"{CLOUD}/v1", "kind": kind, "metadata": {"name": name}}, protected=protected)
    return None


def _release(name: str, inputs: Mapping[str, Any]) -> Found | None:
    """The values of a release: read where a reader knows the chart, else an object that none takes for wiring."""
    values = inputs.get("values")
    if not isinstance(values, Mapping) or not values:
        return None
    written = known(inputs.get("namespace"))
    namespace = written if isinstance(written, str) and written else None
    if any(chart in str(inputs.get("chart", "")) for chart in _READ_CHARTS):
        return Found(("values",), values, name, namespace)
    metadata = {"name": name, "namespace": namespace or ""}
    return Found((), {"apiVersion": "helm.sh/v1", "kind": "Release", "metadata": metadata, "values": values}, protected=False)


def _states(body: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if isinstance(steps := body.get("steps"), list):
        for index, step in enumerate(steps):
            state = step.get("newState") if isinstance(step, Mapping) and step.get("op") not in _GONE else None
            if isinstance(state, Mapping):
                yield ("steps", index, "newState"), state
        return
    prefix, resources = _resources(body) or ((), [])
    for index, state in enumerate(resources):
        if isinstance(state, Mapping) and not state.get("delete"):
            yield (*prefix, index), state


def _resources(body: Mapping[str, Any]) -> tuple[Path, list[Any]] | None:
    """The resources of an exported stack, with their path; None where the document is none."""
    deployment = body.get("deployment")
    found = deployment.get("resources") if isinstance(deployment, Mapping) else None
    return (("deployment", "resources"), found) if isinstance(found, list) else None


def _kind_of(token: str) -> dict[str, str]:
    """`kubernetes:apps/v1:Deployment` as apiVersion and kind, for inputs that leave them out."""
    _, version, kind = (*token.split(":", 2), "", "")[:3]
    return {"apiVersion": version.removeprefix("core/"), "kind": kind}
