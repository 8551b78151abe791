"""The real Karpenter over nodes that KWOK plays: pools that begin without a node, are kept warm, and fall back from spot.

Three pools are played at once, for what Karpenter takes away it looks at twice, seconds apart; each test looks at one part of it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from headroom.desired import Desired, render
from headroom.paths import Clone
from headroom.sandbox import Sandbox
from headroom.sandbox.layout import Layout
from headroom.settings import load
from tests.evidence import Proof
from tests.sandbox.addons.conftest import Place
from tests.settings.stack_files import GOOD
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

CAPACITY = "karpenter.sh/capacity-type"
POOLS: dict[str, Any] = {
    "cold": {"machine": "g6.2xlarge", "max": 2},
    "warm": {"machine": "g6.2xlarge", "max": 3, "warm": 1},
    "spot": {"machine": "g6.2xlarge", "max": 3, "capacity": "spot", "fallback": True},
}


@dataclass
class Stage:
    """What of a stack decides where pods run, in a namespace of its own."""

    place: Place
    desired: Desired
    seen: dict[str, Any] = field(default_factory=dict)

    def serve(self, pool: str, replicas: int) -> None:
        """As many pods as that, which ask for a node as the replicas of the pool's server do."""
        server = next(server for server in self.desired.servers if server.name == pool)
        asked = server.objects["workload"]["spec"]["template"]["spec"]
        main = {"name": "main", "image": "registry.k8s.io/pause:3.10", "resources": {"limits": {"nvidia.com/gpu": "1"}}}
        pod = {key: asked[key] for key in ("nodeSelector", "tolerations")}
        pod |= {"containers": [main], "terminationGracePeriodSeconds": 1, "automountServiceAccountToken": False}
        labels = {"app": pool}
        spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
        self.place.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": pool}, "spec": spec})

    def applied(self, *objects: dict[str, Any]) -> bool:
        try:
            self.place.apply(*objects)
        except subprocess.CalledProcessError:
            return False
        return True

    def nodes(self, pool: str) -> list[dict[str, Any]]:
        found = self.place.kubectl("get", "nodes", f"--selector=headroom.dev/pool={pool}", "--output=json")
        return [node for node in json.loads(found)["items"] if "karpenter.sh/nodepool" in node["metadata"]["labels"]]

    def running(self, selector: str) -> list[str]:
        """The nodes that its pods run on."""
        found = json.loads(self.place.kubectl("get", "pods", f"--selector={selector}", "--output=json"))["items"]
        return [pod["spec"]["nodeName"] for pod in found if pod["status"]["phase"] == "Running"]

    def capacities(self) -> list[str]:
        return sorted(node["metadata"]["labels"][CAPACITY] for node in self.nodes("spot"))


PLACEHOLDER = "app.kubernetes.io/name=warm-pool"


@pytest.fixture(scope="module")
def played(sandbox: Sandbox, clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Ends without waiting: Karpenter takes its nodes away, and none of them is anybody else's."""
    place = Place(sandbox, f"pools-{uuid4().hex[:8]}")
    desired = render(load(_stack(tmp_path_factory.mktemp("stack"), place.name)))
    stage = Stage(place, desired)
    out_of_stock = Layout(clone).out_of_stock
    place.kubectl("create", "namespace", place.name)
    add_on = desired.platform["karpenter"].objects
    shared = {role: item for role, item in desired.shared.items() if role in ("warm-pool-priority", "warm-pool-warm")}
    try:
        # A kind is served a moment before it is in what kubectl looks kinds up in.
        assert eventually(lambda: stage.applied(*add_on.values(), *shared.values()))
        _play(stage, sandbox, out_of_stock)
        yield stage
    finally:
        out_of_stock.unlink(missing_ok=True)
        pools = [item["metadata"]["name"] for role, item in add_on.items() if role.endswith("-pool")]
        place.kubectl("delete", "nodepools", *pools, "--wait=false")
        place.kubectl("delete", "namespace", place.name, "--wait=false")


def _stack(directory: Path, namespace: str) -> Path:
    (directory / "models").mkdir()
    (directory / "models" / "config.pbtxt").write_text('name: "a-model"\n')
    config = yaml.safe_load(GOOD)["config"]
    server = config["headroom:servers"]["demo"]
    server["autoscaling"]["replicas"]["max"] = 2
    config |= {
        "headroom:namespace": namespace,
        "headroom:pools": POOLS,
        "headroom:platform": {"karpenter": {"mode": "existing", "unneeded": "1s"}},
        "headroom:servers": {pool: {**server, "pool": pool, "rollout": "recreate"} for pool in POOLS},
    }
    file = directory / f"Pulumi.{namespace}.yaml"
    file.write_text(yaml.safe_dump({"config": config}))
    return file


def _play(stage: Stage, sandbox: Sandbox, out_of_stock: Path) -> None:
    seen = stage.seen
    seen["at first"] = stage.nodes("cold")
    stage.serve("cold", 3)
    stage.serve("spot", 1)
    eventually(lambda: len(stage.running("app=cold")) == 2 and stage.running("app=spot") and stage.running(PLACEHOLDER))
    seen["cold"], seen["cold replicas"] = stage.nodes("cold"), stage.running("app=cold")
    seen["spot"], seen["kept warm"] = stage.capacities(), stage.running(PLACEHOLDER)
    stage.serve("cold", 0)
    stage.serve("warm", 1)
    out_of_stock.write_text("spot")
    sandbox.up(report=lambda _: None)
    stage.serve("spot", 2)
    eventually(lambda: len(stage.running("app=spot")) == 2 and stage.running("app=warm") and stage.running(PLACEHOLDER))
    seen["fallen back"], seen["replica"], seen["next"] = stage.capacities(), stage.running("app=warm"), stage.running(PLACEHOLDER)
    eventually(lambda: not stage.nodes("cold"))
    seen["at last"] = stage.nodes("cold")


@pytest.mark.proves("GPU nodes from zero and back by a real node autoscaler (Karpenter)", Proof.REAL)
def test_a_pool_without_nodes_gets_them_for_pods_that_wait_and_loses_them_again(played: Stage) -> None:
    assert played.seen["at first"] == []
    assert len(set(played.seen["cold replicas"])) == 2
    assert played.seen["at last"] == []


def test_a_pool_never_has_more_nodes_than_its_max(played: Stage) -> None:
    assert len(played.seen["cold"]) == POOLS["cold"]["max"]


def test_a_node_that_came_is_what_the_pool_promised(played: Stage) -> None:
    for node in played.seen["cold"]:
        labels = node["metadata"]["labels"]
        assert (labels["node.kubernetes.io/instance-type"], labels["nvidia.com/gpu.product"]) == ("g6.2xlarge", "NVIDIA-L4")
        assert node["status"]["allocatable"]["nvidia.com/gpu"] == "1"
        assert {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"} in node["spec"]["taints"]


@pytest.mark.proves("a warm pool's placeholder gives way to a replica, and the next node comes (Karpenter)", Proof.REAL)
def test_a_replica_takes_the_node_that_was_kept_warm_and_the_next_one_comes(played: Stage) -> None:
    (kept,), (replica,), (following,) = (played.seen[key] for key in ("kept warm", "replica", "next"))
    assert replica == kept
    assert following != kept


@pytest.mark.proves("spot nodes, and nodes on demand where there are none (Karpenter)", Proof.REAL)
def test_a_pool_falls_back_to_nodes_on_demand_where_there_are_no_spot_ones(played: Stage) -> None:
    assert played.seen["spot"] == ["spot"]
    assert played.seen["fallen back"] == ["on-demand", "spot"]
