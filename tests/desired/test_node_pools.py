"""What Karpenter is told of a pool: all that its nodes will have, while there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.report.stack_findings import stack_findings
from tests.desired import schemas
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed

EKS = ("headroom:cluster", {"provider": "eks", "name": "prod", "region": "us-west-2"})
PLATFORM = "headroom:platform"


def stack(directory: Path, *changes: tuple[str, Any], mode: str = "existing") -> Desired:
    return render(accepted(directory, changed((f"{PLATFORM}/karpenter", mode), *changes)))


def pool(directory: Path, *on: tuple[str, Any], **settings: Any) -> Object:
    asked = ("headroom:pools/l4", {"machine": "g6.2xlarge", "max": 5, **settings})
    return stack(directory, *on, asked).platform["karpenter"].objects["l4-pool"]


def required(node_pool: Object) -> dict[str, list[str]]:
    return {each["key"]: each["values"] for each in node_pool["spec"]["template"]["spec"]["requirements"]}


@pytest.mark.proves("a pool at zero nodes shows its GPUs, labels and taints to the node autoscaler", Proof.SCHEMA)
def test_what_a_replica_asks_of_its_node_is_what_the_pool_promises(tmp_path: Path) -> None:
    desired = stack(tmp_path, (f"{DEMO}/gpuProducts", ["NVIDIA-L4"]))
    template = desired.platform["karpenter"].objects["l4-pool"]["spec"]["template"]
    pod = desired.servers[0].objects["workload"]["spec"]["template"]["spec"]
    assert pod["nodeSelector"].items() <= template["metadata"]["labels"].items()
    assert template["metadata"]["labels"]["nvidia.com/gpu.product"] == "NVIDIA-L4"
    assert {taint["key"] for taint in template["spec"]["taints"]} <= {toleration["key"] for toleration in pod["tolerations"]}


def test_the_nodes_that_are_always_there_are_not_karpenters(tmp_path: Path) -> None:
    desired = stack(tmp_path, ("headroom:pools/l4/min", 2))
    assert len(desired.pools["l4"]) == 2
    assert desired.platform["karpenter"].objects["l4-pool"]["spec"]["limits"]["nodes"] == "3"


def test_nodes_made_at_once_are_counted_by_their_gpus(tmp_path: Path) -> None:
    """Karpenter does not count the nodes of one batch, only what they hold."""
    assert pool(tmp_path, machine="g6.12xlarge", min=1)["spec"]["limits"] == {"nodes": "4", "nvidia.com/gpu": "16"}


def test_a_pool_of_one_size_has_none_of_its_objects(tmp_path: Path) -> None:
    desired = stack(tmp_path, ("headroom:pools/l4/min", 5))
    assert (len(desired.pools["l4"]), desired.platform["karpenter"].objects) == (5, {})


def test_without_karpenter_every_node_is_there_at_once(tmp_path: Path) -> None:
    assert len(render(accepted(tmp_path, changed())).pools["l4"]) == 5


@pytest.mark.parametrize(
    ("settings", "capacity"),
    [
        ({}, ["on-demand"]),
        ({"capacity": "spot"}, ["spot"]),
        ({"capacity": "spot", "fallback": True}, ["spot", "on-demand"]),
        ({"capacity": "reserved", "reservation": "cr-1", "zones": ["us-west-2a"]}, ["reserved"]),
    ],
)
def test_nodes_are_had_as_the_pool_says(tmp_path: Path, settings: dict[str, Any], capacity: list[str]) -> None:
    assert required(pool(tmp_path, EKS, **settings))["karpenter.sh/capacity-type"] == capacity


def test_only_nodes_without_a_pod_are_taken_away(tmp_path: Path) -> None:
    asked = stack(tmp_path, (f"{PLATFORM}/karpenter", {"mode": "existing", "unneeded": "5m"}))
    disruption = asked.platform["karpenter"].objects["l4-pool"]["spec"]["disruption"]
    assert disruption == {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "300s"}


def test_labels_and_taints_of_the_pool_are_its_nodes(tmp_path: Path) -> None:
    template = pool(tmp_path, labels={"team": "speech"}, taints=[{"key": "team", "value": "speech"}])["spec"]["template"]
    assert template["metadata"]["labels"]["team"] == "speech"
    assert {"key": "team", "value": "speech", "effect": "NoSchedule"} in template["spec"]["taints"]


def test_no_label_of_a_node_keeps_its_kubelet_from_starting(tmp_path: Path) -> None:
    labels = pool(tmp_path, EKS)["spec"]["template"]["metadata"]["labels"]
    assert [label for label in labels if label.partition("/")[0].endswith(("kubernetes.io", "k8s.io"))] == []


def test_zones_are_those_of_the_pool(tmp_path: Path) -> None:
    assert required(pool(tmp_path, EKS, zones=["us-west-2a"]))["topology.kubernetes.io/zone"] == ["us-west-2a"]


def test_a_node_of_ec2_has_the_pools_disk_encrypted(tmp_path: Path) -> None:
    asked = ("headroom:pools/l4", {"machine": "g6.2xlarge", "max": 5, "disk": {"size": "500Gi", "fast": True}})
    (volume,) = stack(tmp_path, EKS, asked).platform["karpenter"].objects["l4-nodes"]["spec"]["blockDeviceMappings"]
    assert volume["ebs"]["volumeSize"] == "500Gi"
    assert (volume["ebs"]["encrypted"], volume["ebs"]["iops"]) == (True, 16000)


def test_bottlerocket_has_a_disk_for_its_system_too(tmp_path: Path) -> None:
    on = (f"{PLATFORM}/karpenter", {"mode": "existing", "image": "bottlerocket@v1.50.0"})
    volumes = render(accepted(tmp_path, changed(EKS, on))).platform["karpenter"].objects["l4-nodes"]["spec"]["blockDeviceMappings"]
    assert [(volume["deviceName"], volume["ebs"]["volumeSize"]) for volume in volumes] == [("/dev/xvda", "4Gi"), ("/dev/xvdb", "200Gi")]


def test_a_reservation_is_where_the_nodes_come_from(tmp_path: Path) -> None:
    asked = (
        "headroom:pools/l4",
        {"machine": "g6.2xlarge", "max": 5, "capacity": "reserved", "reservation": "cr-1", "zones": ["us-west-2a"]},
    )
    spec = stack(tmp_path, EKS, asked).platform["karpenter"].objects["l4-nodes"]["spec"]
    assert spec["capacityReservationSelectorTerms"] == [{"id": "cr-1"}]


def test_what_the_chart_brings_the_kinds_of_comes_after_it(tmp_path: Path) -> None:
    add_on = stack(tmp_path, EKS, mode="helm").platform["karpenter"]
    assert [release.chart.name for release in add_on.releases] == ["karpenter"]
    assert (add_on.objects, set(add_on.later)) == ({}, {"l4-nodes", "l4-pool"})


@pytest.mark.tools
@pytest.mark.proves("what Karpenter is asked for is what its kinds have", Proof.SCHEMA)
@pytest.mark.parametrize("settings", [{}, {"capacity": "spot", "fallback": True, "taints": [{"key": "team"}]}])
def test_karpenters_own_definitions_know_the_objects(tmp_path: Path, settings: dict[str, Any]) -> None:
    asked = ("headroom:pools/l4", {"machine": "g6.2xlarge", "max": 5, **settings})
    for item in stack(tmp_path, asked).platform["karpenter"].objects.values():
        assert schemas.errors(item, tmp_path) == []


def test_the_verifier_knows_the_nodes_that_karpenter_may_bring(tmp_path: Path) -> None:
    settings = accepted(tmp_path, changed((f"{PLATFORM}/karpenter", "existing")))
    assert [finding.check for finding in stack_findings(settings, render(settings))] == []
