"""The GPU Operator's real chart makes of our values the ClusterPolicy that is meant, and one that its own definition accepts.

They are those of `tests.published_charts`; without them these tests are left out.
"""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

import pytest
import yaml

from headroom.catalog.charts import GPU_OPERATOR
from headroom.catalog.distributions import DISTRIBUTIONS
from headroom.catalog.gpu_nodes import GPU_NODES, Operand, gpu_nodes
from headroom.desired.objects import Object
from headroom.desired.platform.gpu_operator import sharing_configurations, sharing_name, values
from headroom.settings.platform.gpu_operator import MigStrategy
from headroom.tools import require
from tests.desired.schemas import errors_by
from tests.desired.test_platform_gpu_operator import POOLS, SHAPES, platform
from tests.evidence import Proof
from tests.published_charts import DIRECTORY, NEEDED, needs_them

pytestmark = [
    pytest.mark.tools,
    needs_them,
]

EVERY_SHAPE = pytest.mark.parametrize(("distribution", "nodes"), SHAPES)


def rendered(found: Object) -> list[Object]:
    return _rendered(yaml.safe_dump(found))


@cache
def _rendered(text: str) -> list[Object]:
    archive = DIRECTORY / f"{GPU_OPERATOR.name}-{GPU_OPERATOR.version}.tgz"
    command = [require("helm")["helm"], "template", "gpu-operator", archive, "--namespace=gpu-operator", "--include-crds", "--values=-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.load_all(done.stdout, yaml.CSafeLoader) if item]


def policy(distribution: str, nodes: str, pools: Any = POOLS, strategy: MigStrategy = MigStrategy.SINGLE) -> tuple[Object, Object]:
    """The ClusterPolicy of a shape and the definition of its kind."""
    said = platform(operator={"nodes": nodes, "migStrategy": strategy})
    objects = rendered(values(said, DISTRIBUTIONS[distribution], pools))
    (made,) = (item for item in objects if item["kind"] == "ClusterPolicy")
    (definition,) = (item for item in objects if item["metadata"]["name"] == "clusterpolicies.nvidia.com")
    return made, definition


@EVERY_SHAPE
@pytest.mark.parametrize("strategy", MigStrategy)
@pytest.mark.proves(
    "GPU Operator: the real chart makes of every shape a ClusterPolicy that its definition accepts",
    Proof.REAL,
    needs=NEEDED,
)
def test_every_shape_is_a_policy_that_the_operators_own_definition_accepts(distribution: str, nodes: str, strategy: MigStrategy) -> None:
    made, definition = policy(distribution, nodes, strategy=strategy)
    assert errors_by(definition, made) == []
    assert made["spec"]["mig"] == {"strategy": str(strategy)}


@EVERY_SHAPE
def test_the_policy_runs_what_the_nodes_lack(distribution: str, nodes: str) -> None:
    kind = gpu_nodes(distribution, next(known for known in GPU_NODES[distribution] if known == nodes))
    spec = policy(distribution, nodes)[0]["spec"]
    assert {part for part in Operand if not spec[part]["enabled"]} == kind.brings


def test_the_policy_names_the_configurations_of_sharing() -> None:
    said = platform()
    name = sharing_name(said.gpu_operator, sharing_configurations(gpu_nodes("eks", None), POOLS.values()))
    assert policy("eks", "preinstalled")[0]["spec"]["devicePlugin"]["config"] == {"name": name, "default": ""}


def test_the_policy_of_gke_has_everything_below_the_directory_that_can_be_written() -> None:
    spec = policy("gke", "preinstalled")[0]["spec"]
    assert (spec["hostPaths"]["driverInstallDir"], spec["toolkit"]["installDir"]) == ("/home/kubernetes/bin/nvidia",) * 2
    assert {"name": "RUNTIME_CONFIG_SOURCE", "value": "file"} in spec["toolkit"]["env"]


def test_discovery_reaches_nodes_with_every_taint() -> None:
    objects = rendered(values(platform(), DISTRIBUTIONS["aks"]))
    (worker,) = (item for item in objects if item["kind"] == "DaemonSet" and item["metadata"]["name"].endswith("-worker"))
    tolerated = {toleration["key"] for toleration in worker["spec"]["template"]["spec"]["tolerations"]}
    assert tolerated == {"node-role.kubernetes.io/control-plane", *(taint["key"] for taint in DISTRIBUTIONS["aks"].gpu_taints)}


def test_the_metrics_of_gpus_keep_the_names_of_the_pods_that_use_them() -> None:
    monitor = policy("eks", "preinstalled")[0]["spec"]["dcgmExporter"]["serviceMonitor"]
    assert (monitor["enabled"], monitor["honorLabels"]) == (True, True)
