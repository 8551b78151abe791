"""Everything that a stack asks for as one JSON document, and two of them as steps: what a change asks for without any state or cloud.

Paths that replace a Kubernetes object: what Pulumi's provider does, observed. A cloud's node group is replaced by a new name, which
changes with whatever replaces it; so are objects whose name carries a hash of their content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from headroom.desired import Desired
from headroom.report.changes.model import Op, PropertyChange, PropertyOp, Step
from headroom.report.changes.values import differences
from headroom.report.price import as_json as prices_as_json
from headroom.report.price import prices
from headroom.settings import Stack
from headroom.wiring.secrets import without_secrets

Asked = Mapping[str, Any]
"""`{"version": 1, "stack": …, "objects": […], "releases": […], "nodeGroups": […], "prices": […]}`."""

VERSION = 1

_NODE_GROUPS = {
    "eks": "aws:eks/nodeGroup:NodeGroup",
    "gke": "gcp:container/nodePool:NodePool",
    "aks": "azure-native:containerservice:AgentPool",
}
_RELEASE = "kubernetes:helm.sh/v3:Release"
_REPLACING = {
    "ConfigMap": ("data", "binaryData"),
    "Secret": ("data", "stringData", "type"),
    "Deployment": ("spec.selector",),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"),
    "Job": ("spec.template", "spec.parallelism", "spec.completions"),
    "PersistentVolumeClaim": ("spec.storageClassName", "spec.accessModes", "spec.volumeName"),
    "StorageClass": ("parameters", "provisioner"),
    "Service": ("spec.clusterIP",),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
}
_HASHED = re.compile(r"-[0-9a-f]{10}$")


def asked(stack: Stack, desired: Desired) -> dict[str, Any]:
    """What a stack asks for. What looks like a secret is `[redacted]`."""
    releases = (release for addon in desired.platform.values() for release in addon.releases)
    return {
        "version": VERSION,
        "stack": stack.name,
        "objects": [without_secrets(item) for item in desired.objects],
        "releases": [
            {
                "name": release.name,
                "namespace": release.namespace,
                "chart": release.chart.name,
                "version": release.chart.version,
                "values": without_secrets(release.values),
            }
            for release in releases
        ],
        "nodeGroups": [
            {
                "type": _NODE_GROUPS[stack.cluster.provider],
                "role": group.role,
                "name": group.name,
                "deleteFirst": group.delete_first,
                "arguments": asdict(group)["arguments"],
            }
            for group in desired.node_groups
        ],
        "prices": prices_as_json(prices(stack)),
    }


def steps(before: Asked | None, after: Asked | None) -> tuple[Step, ...]:
    """What leads from one to the other, in the order of the new one; None where there is no such stack."""
    return (*_of_groups(before, after), *_of_releases(before, after), *_of_objects(before, after))


def _of_objects(before: Asked | None, after: Asked | None) -> Iterator[Step]:
    olds, news = ({_key(item): item for item in _part(side, "objects")} for side in (before, after))
    # An object with a hash in its name stands in for the one of the same name before the hash.
    gone = {_bare(key): key for key in olds if key not in news}
    taken: set[tuple[str, ...]] = set()
    for key, new in news.items():
        former = key if key in olds else gone.get(_bare(key))
        taken |= {former} if former else set()
        yield _object(key, olds[former] if former else None, new)
    for key, old in olds.items():
        if key not in taken and key not in news:
            yield _object(key, old, None)


def _object(key: tuple[str, ...], old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Step:
    version, kind = str((new or old or {})["apiVersion"]), key[1]
    token = f"kubernetes:{version if '/' in version else f'core/{version}'}:{kind}"
    return _step(token, "/".join(filter(None, key[2:])), old, new, ("metadata.name", *_REPLACING.get(kind, ())))


def _of_releases(before: Asked | None, after: Asked | None) -> Iterator[Step]:
    olds, news = ({f"{item['namespace']}/{item['name']}": item for item in _part(side, "releases")} for side in (before, after))
    for name in dict.fromkeys((*news, *olds)):
        yield _step(_RELEASE, name, olds.get(name), news.get(name), ())


def _of_groups(before: Asked | None, after: Asked | None) -> Iterator[Step]:
    olds, news = ({item["role"]: item for item in _part(side, "nodeGroups")} for side in (before, after))
    for role in dict.fromkeys((*news, *olds)):
        old, new = (item and {"name": item["name"], **item["arguments"]} for item in (olds.get(role), news.get(role)))
        group = news.get(role) or olds[role]
        yield _step(group["type"], role, old, new, ("name",), delete_first=group["deleteFirst"])


def _step(
    token: str,
    name: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    replacing: tuple[str, ...],
    *,
    delete_first: bool = False,
) -> Step:
    if before is None or after is None:
        return Step(Op.CREATE if before is None else Op.DELETE, f"{token}::{name}", token, name, before, after)
    paths = [entry.path for entry in differences(before, after)]
    because = [path for path in replacing if any(entry == path or entry.startswith((f"{path}.", f"{path}[")) for entry in paths)]
    op = Op.REPLACE if because else Op.UPDATE if before != after else Op.SAME
    changes = tuple(PropertyChange(path, PropertyOp.UPDATE, replaces=True) for path in because)
    return Step(op, f"{token}::{name}", token, name, before, after, changes, delete_first=delete_first)


def _part(side: Asked | None, part: str) -> list[Any]:
    return list(side.get(part) or ()) if side else []


def _key(item: Mapping[str, Any]) -> tuple[str, ...]:
    metadata = item["metadata"]
    return item["apiVersion"].partition("/")[0], item["kind"], metadata.get("namespace", ""), metadata["name"]


def _bare(key: tuple[str, ...]) -> tuple[str, ...]:
    return *key[:-1], _HASHED.sub("", key[-1])
