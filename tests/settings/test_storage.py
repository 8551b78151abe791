"""Volumes that servers share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed, problems

VLLM = {
    "engine": "vllm",
    "image": "vllm/vllm-openai:v0.18.0",
    "pool": "l4",
    "model": "a-model",
    "autoscaling": {"backend": "hpa", "replicas": {"max": 4}, "signals": {"requests-waiting": 2}},
}


def stack(distribution: str, storage_class: str) -> str:
    existing = ("headroom:cluster", {"provider": "existing", "name": "a", "distribution": distribution})
    cached: dict[str, Any] = {**VLLM, "cache": {"storageClass": storage_class}}
    return changed(existing, ("headroom:platform", {"gpuOperator": "existing"}), (DEMO, cached))


@pytest.mark.proves("what cannot work is refused before anything is touched", Proof.SCHEMA)
@pytest.mark.parametrize(
    ("distribution", "storage_class", "instead"),
    [("eks", "gp3", "EFS or FSx"), ("gke", "premium-rwo", "standard-rwx"), ("aks", "managed-csi", "azurefile-csi")],
)
def test_a_cache_on_disks_of_one_node_is_refused_with_what_several_can_mount(
    tmp_path: Path, distribution: str, storage_class: str, instead: str
) -> None:
    message = problems(tmp_path, stack(distribution, storage_class))["servers.demo.cache.storageClass"]
    assert "which one node mounts at a time" in message
    assert instead in message


@pytest.mark.parametrize(("distribution", "storage_class"), [("aks", "azurefile-csi-premium"), ("gke", "premium-rwx"), ("other", "gp3")])
def test_a_class_that_several_nodes_can_mount_or_that_nobody_knows_is_accepted(
    tmp_path: Path, distribution: str, storage_class: str
) -> None:
    accepted(tmp_path, stack(distribution, storage_class))
