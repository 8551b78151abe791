"""Who brings nodes: what a stack file may not ask for, each with the same stack mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evidence import Proof
from tests.settings.stack_files import accepted, changed, problems

POOL = "headroom:pools/l4"


def existing(distribution: str) -> tuple[str, dict[str, Any]]:
    return "headroom:cluster", {"provider": "existing", "name": "prod", "distribution": distribution}


def platform(**settings: Any) -> tuple[str, dict[str, Any]]:
    return "headroom:platform", settings


@pytest.mark.proves("one node autoscaler at most, and only where it can run", Proof.SCHEMA)
@pytest.mark.parametrize(
    ("distribution", "why"),
    [
        ("gke", "GKE scales its node pools itself"),
        ("aks", "AKS scales its node pools itself"),
        ("eks-auto", "Auto Mode makes nodes itself"),
    ],
)
@pytest.mark.parametrize("name", ["clusterAutoscaler", "karpenter"])
def test_a_cloud_that_scales_nodes_itself_gets_no_second_autoscaler(tmp_path: Path, name: str, distribution: str, why: str) -> None:
    assert problems(tmp_path, changed(existing(distribution), platform(**{name: "helm"}))) == {
        f"platform.{name}": f"{why}, and a second autoscaler would undo its work: leave it out"
    }
    assert accepted(tmp_path, changed(existing(distribution)))


def test_two_autoscalers_would_bring_two_nodes_for_one_pod(tmp_path: Path) -> None:
    both = platform(clusterAutoscaler="helm", karpenter="helm")
    assert "set one of them to none" in problems(tmp_path, changed(existing("eks"), both))["platform.karpenter"]
    assert accepted(tmp_path, changed(existing("eks"), platform(karpenter="helm")))


@pytest.mark.parametrize("name", ["clusterAutoscaler", "karpenter"])
def test_their_charts_are_for_eks(tmp_path: Path, name: str) -> None:
    assert (
        "is installed on Amazon EKS alone" in problems(tmp_path, changed(existing("other"), platform(**{name: "helm"})))[f"platform.{name}"]
    )
    assert accepted(tmp_path, changed(existing("eks"), platform(**{name: "helm"})))


@pytest.mark.parametrize("asked", [{"clusterAutoscaler": "helm"}, {"clusterAutoscaler": "existing"}, {"karpenter": "helm"}])
def test_the_sandbox_runs_karpenter_itself(tmp_path: Path, asked: dict[str, str]) -> None:
    (name,) = asked
    assert problems(tmp_path, changed(platform(**asked)))[f"platform.{name}"].endswith("set platform.karpenter: existing")
    assert accepted(tmp_path, changed(platform(karpenter="existing")))


EKS: dict[str, Any] = {"provider": "eks", "name": "prod", "region": "us-west-2"}


def eks(**settings: Any) -> tuple[str, dict[str, Any]]:
    return "headroom:cluster", {**EKS, **settings}


def test_a_pool_of_eks_that_may_grow_has_somebody_to_make_it_grow(tmp_path: Path) -> None:
    assert "nothing brings the nodes between them" in problems(tmp_path, changed(eks()))["pools.l4.max"]
    assert accepted(tmp_path, changed(eks(), (f"{POOL}/min", 5)))
    assert accepted(tmp_path, changed(eks(), platform(clusterAutoscaler="existing")))


@pytest.mark.parametrize("asked", [{"karpenter": "helm"}, {"clusterAutoscaler": "helm"}], ids=str)
@pytest.mark.parametrize("create", [None, True])
def test_either_brings_nodes_on_eks(tmp_path: Path, asked: dict[str, str], create: bool | None) -> None:
    assert accepted(tmp_path, changed(eks(create=create), platform(**asked)))


def test_a_cluster_that_the_program_makes_has_no_karpenter_yet(tmp_path: Path) -> None:
    refused = problems(tmp_path, changed(eks(create=True), platform(karpenter="existing")))
    assert "is not in a cluster that the program makes: set helm" in refused["platform.karpenter"]


SHARED = (f"{POOL}/sharing", {"mode": "time-slicing", "replicas": 4})


def test_karpenter_cannot_count_shares_of_a_gpu(tmp_path: Path) -> None:
    karpenter = platform(karpenter="existing")
    assert "not into how many parts" in problems(tmp_path, changed(karpenter, SHARED))["pools.l4.sharing"]
    assert accepted(tmp_path, changed(karpenter, SHARED, (f"{POOL}/min", 5)))
    assert accepted(tmp_path, changed(SHARED))


@pytest.mark.parametrize("key", ["interconnect", "imageStreaming"])
def test_what_karpenter_does_not_set_up_on_nodes_is_refused(tmp_path: Path, key: str) -> None:
    text = changed(platform(karpenter="existing"), (f"{POOL}/{key}", True))
    assert problems(tmp_path, text)[f"pools.l4.{key}"].startswith("is not set up on nodes that Karpenter makes")


@pytest.mark.parametrize(
    ("name", "key", "value", "said"),
    [
        ("clusterAutoscaler", "role", "my-role", "the ARN of an IAM role"),
        ("karpenter", "role", "arn:aws:iam::1:role/x", "the ARN of an IAM role"),
        ("karpenter", "image", "ubuntu@latest", "al2023@ or bottlerocket@"),
        ("karpenter", "nodeRole", "arn:aws:iam::111122223333:role/x", "without its ARN"),
    ],
)
def test_values_of_another_form_are_refused(tmp_path: Path, name: str, key: str, value: str, said: str) -> None:
    found = problems(tmp_path, changed(existing("eks"), platform(**{name: {"mode": "helm", key: value}})))
    assert said in found[f"platform.{name}.{key}"]
