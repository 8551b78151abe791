"""Who makes the load balancer before Traefik: what a stack on EKS is told where nobody does, each with the same stack mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evidence import Proof
from tests.settings.stack_files import accepted, changed, problems

AT = "platform.awsLoadBalancerController"
EKS = {"provider": "eks", "name": "prod", "region": "us-west-2"}


def on(distribution: str) -> dict[str, Any]:
    return {"provider": "existing", "name": "prod", "distribution": distribution}


def stack(cluster: dict[str, Any], *, controller: Any = None, traefik: Any = "helm") -> str:
    said = {"traefik": traefik, **({"awsLoadBalancerController": controller} if controller else {})}
    if cluster["provider"] == "eks":
        said["clusterAutoscaler"] = "helm"
    return changed(("headroom:cluster", cluster), ("headroom:platform", said))


ON_EKS = pytest.mark.parametrize("cluster", [on("eks"), EKS, {**EKS, "create": True}], ids=["existing", "found", "made"])


@pytest.mark.proves("a load balancer that nobody on EKS would make is refused before Traefik waits for it", Proof.SCHEMA)
@ON_EKS
def test_a_load_balancer_that_nobody_would_make_is_refused(tmp_path: Path, cluster: dict[str, Any]) -> None:
    said = problems(tmp_path, stack(cluster))[AT]
    assert said.startswith("makes the load balancer that platform.traefik asks for, and is not there")
    assert "set helm, or existing where the cluster has it, or platform.traefik.loadBalancer.scope to none" in said


@ON_EKS
@pytest.mark.parametrize("scope", ["internal", "public"])
def test_with_its_controller_it_is_made(tmp_path: Path, cluster: dict[str, Any], scope: str) -> None:
    accepted(tmp_path, stack(cluster, controller="helm", traefik={"mode": "helm", "loadBalancer": {"scope": scope}}))


@ON_EKS
@pytest.mark.parametrize("traefik", ["existing", {"mode": "helm", "loadBalancer": {"scope": "none"}}], ids=["existing", "none"])
def test_where_none_is_asked_for_nobody_is_needed(tmp_path: Path, cluster: dict[str, Any], traefik: Any) -> None:
    accepted(tmp_path, stack(cluster, traefik=traefik))


@pytest.mark.parametrize("cluster", [on("eks"), EKS], ids=["existing", "found"])
def test_a_cluster_that_is_there_may_have_it(tmp_path: Path, cluster: dict[str, Any]) -> None:
    accepted(tmp_path, stack(cluster, controller="existing"))


def test_a_cluster_that_the_program_makes_has_none_yet(tmp_path: Path) -> None:
    said = problems(tmp_path, stack({**EKS, "create": True}, controller="existing"))
    assert said == {AT: "is not in a cluster that the program makes: set helm"}


def test_auto_mode_makes_load_balancers_itself(tmp_path: Path) -> None:
    assert problems(tmp_path, stack(on("eks-auto"), controller="helm")) == {AT: "Auto Mode makes load balancers itself: leave it out"}
    accepted(tmp_path, stack(on("eks-auto")))


@pytest.mark.parametrize(("name", "title"), [("gke", "Google GKE"), ("aks", "Azure AKS"), ("other", "a cluster of another kind")])
def test_its_chart_is_for_eks(tmp_path: Path, name: str, title: str) -> None:
    said = problems(tmp_path, stack(on(name), controller="helm", traefik="none"))
    assert said == {AT: f"is installed on Amazon EKS alone, and this is {title}: set existing, or leave it out"}


def test_its_role_is_one_of_iam(tmp_path: Path) -> None:
    said = problems(tmp_path, stack(EKS, controller={"mode": "helm", "role": "load-balancers"}))
    assert said[f"{AT}.role"].startswith("must be the ARN of an IAM role")
