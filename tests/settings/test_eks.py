"""What of a stack on EKS is refused before AWS is asked, with its place and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import changed, problems

EKS = {"provider": "eks", "name": "c", "region": "us-west-2"}
POOL = "headroom:pools/l4"
RESERVED = {"machine": "g6.2xlarge", "max": 5, "capacity": "reserved", "reservation": "cr-0a", "zones": ["us-west-2a"]}
CASES: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({}, {"zones": ["eu-west-1a"]}, "pools.l4.zones[0]", "is no zone of the cluster's region"),
    ({"create": {"zones": ["us-west-2a", "us-east-1b"]}}, {}, "cluster.create.zones[1]", "is no zone of the cluster's region"),
    ({"create": {"zones": ["us-west-2a"]}}, {}, "cluster.create", "zones must be two different ones at least"),
    ({"create": True}, {"zones": ["us-west-2a"]}, "pools.l4.zones", "name those there too"),
    (
        {"create": {"zones": ["us-west-2a", "us-west-2b"]}},
        {"zones": ["us-west-2c"]},
        "pools.l4.zones[0]",
        "its zones: us-west-2a, us-west-2b",
    ),
    ({"create": True, "subnets": ["subnet-0a"]}, {}, "cluster.subnets", "create makes its own"),
    ({"create": {"network": "10.0.0.0/24"}}, {}, "cluster.create.network", "must be a range of IPv4 addresses of /16 to /19"),
    ({"create": {"cpu": {"min": 3, "max": 2}}}, {}, "cluster.create.cpu", "min must be at most max"),
    ({}, {"imageStreaming": True}, "pools.l4.imageStreaming", "set disk.fast"),
    ({}, {**RESERVED, "reservation": "ours"}, "pools.l4.reservation", "is the id of a Capacity Reservation"),
    ({}, {**RESERVED, "zones": []}, "pools.l4.zones", "name that zone"),
    ({}, {"eks": {"capacityBlock": True}}, "pools.l4.eks.capacityBlock", "is of capacity reserved"),
    ({}, {"machine": "g6.8xlarge", "interconnect": True}, "pools.l4.zones", "name one zone"),
    ({}, {"interconnect": True, "zones": ["us-west-2a"]}, "pools.l4.interconnect", "is not known to have an Elastic Fabric Adapter"),
    ({}, {"capacity": "reserved"}, "pools.l4", "capacity reserved needs reservation"),
    ({}, {"reservation": "cr-0a"}, "pools.l4", "reservation is of capacity reserved"),
    ({}, {"fallback": True}, "pools.l4", "fallback is of capacity spot"),
]


@pytest.mark.parametrize(("cluster", "pool", "path", "said"), CASES, ids=[f"{case[2]}: {case[3]}" for case in CASES])
def test_is_refused(tmp_path: Path, cluster: dict[str, Any], pool: dict[str, Any], path: str, said: str) -> None:
    found = problems(
        tmp_path,
        changed(("headroom:cluster", EKS | cluster), (POOL, {"machine": "g6.2xlarge", "max": 5} | pool)),
    )
    assert said in found[path]


def test_nodes_without_a_driver_are_not_ekss(tmp_path: Path) -> None:
    found = problems(
        tmp_path, changed(("headroom:cluster", EKS), ("headroom:platform/gpuOperator", {"mode": "helm", "nodes": "driverless"}))
    )
    assert "set preinstalled or bottlerocket" in found["platform.gpuOperator.nodes"]


def test_what_is_ekss_alone_is_refused_elsewhere(tmp_path: Path) -> None:
    elsewhere = {"provider": "existing", "name": "c"}
    found = problems(tmp_path, changed(("headroom:cluster", elsewhere), (f"{POOL}/eks", {"capacityBlock": True})))
    assert "is of pools on EKS" in found["pools.l4.eks"]
