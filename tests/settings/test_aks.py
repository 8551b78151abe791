"""What is refused of a stack on AKS before Azure is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import changed, problems

CREATE = "headroom:cluster/create"
POOL = "headroom:pools/l4"
A100 = {"machine": "Standard_NC24ads_A100_v4", "max": 2}
MIG = {"mode": "mig", "profile": "1g.10gb"}
ADMINS = ["00000000-0000-0000-0000-000000000000"]


def refused(tmp_path: Path, *changes: tuple[str, Any]) -> dict[str, str]:
    cluster = {"provider": "aks", "name": "c", "resourceGroup": "g", "location": "eastus"}
    return dict(problems(tmp_path, changed(("headroom:cluster", cluster), (POOL, {**A100}), *changes)))


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        (CREATE, True, "cluster.create.admins", "required"),
        (CREATE, {"admins": ["somebody"]}, "cluster.create.admins[0]", "a GUID"),
        ("headroom:cluster/location", "East US", "cluster.location", "a region of Azure"),
        ("headroom:cluster/resourceGroup", "mine.", "cluster.resourceGroup", "the last of them no dot"),
        (CREATE, {"admins": ADMINS, "network": "10.244.0.0/16"}, "cluster.create.network", "overlaps"),
        (CREATE, {"admins": ADMINS, "network": "10.64.0.0/25"}, "cluster.create.network", "/24 or larger"),
        (CREATE, {"admins": ADMINS, "system": {"min": 3, "max": 2}}, "cluster.create.system", "min must be at most max"),
        (f"{POOL}/zones", ["eastus-1"], "pools.l4.zones[0]", '"1", "2" and "3"'),
        (f"{POOL}/imageStreaming", True, "pools.l4.imageStreaming", "preview"),
        (f"{POOL}/interconnect", True, "pools.l4.interconnect", "no InfiniBand"),
        (f"{POOL}/disk", {"size": "4Ti"}, "pools.l4.disk.size", "2048Gi"),
        (f"{POOL}/labels", {"app.kubernetes.io/name": "x"}, "pools.l4.labels", "with which no node starts"),
        (f"{POOL}/labels", {"kubernetes.azure.com/x": "x"}, "pools.l4.labels.kubernetes.azure.com/x", "AKS's own"),
        (POOL, {**A100, "capacity": "reserved", "reservation": "ours"}, "pools.l4.reservation", "capacity reservation group"),
        ("headroom:platform", {"gpuOperator": {"mode": "existing", "nodes": "managed"}}, "platform.gpuOperator.nodes", "preview"),
    ],
)
def test_azure_would_refuse_it(tmp_path: Path, path: str, value: Any, where: str, says: str) -> None:
    assert says in refused(tmp_path, (path, value))[where]


@pytest.mark.parametrize(
    "changes",
    [
        [(POOL, {**A100, "sharing": MIG}), ("headroom:platform", {"gpuOperator": {"migStrategy": "mixed"}})],
        [(POOL, {**A100, "sharing": {"mode": "time-slicing", "replicas": 2, "renamed": True}})],
    ],
    ids=["parts", "shares"],
)
def test_a_pool_from_zero_has_gpus_by_a_name_that_the_autoscaler_knows(tmp_path: Path, changes: list[tuple[str, Any]]) -> None:
    assert "brings none" in refused(tmp_path, *changes)["pools.l4.min"]
    assert "pools.l4.min" not in refused(tmp_path, *changes, (f"{POOL}/min", 1), (f"{POOL}/mx", 1))


def test_labels_of_nodes_are_allowed(tmp_path: Path) -> None:
    assert not [
        path for path in refused(tmp_path, (f"{POOL}/labels", {"node.kubernetes.io/team": "x"}), (f"{POOL}/mx", 1)) if "labels" in path
    ]
