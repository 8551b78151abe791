"""The way to a cluster: a cloud's is known by its name in the kubeconfig, whichever context is selected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from headroom.doctor.access import Access, access
from headroom.paths import Clone
from headroom.plugins.kubernetes.kubeconfig import load, select
from headroom.settings.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
EKS = {"provider": "eks", "name": "inference", "region": "us-west-2"}
GKE = {"provider": "gke", "name": "inference", "project": "my-project", "location": "us-central1"}
AKS = {"provider": "aks", "name": "inference", "resourceGroup": "gpus", "location": "eastus"}
KNOWN_AS = {
    "eks": "arn:aws:eks:us-west-2:111122223333:cluster/inference",
    "gke": "gke_my-project_us-central1_inference",
    "aks": "inference",
}
COMMANDS = {
    "eks": "aws eks update-kubeconfig --region us-west-2 --name inference",
    "gke": "gcloud container clusters get-credentials inference --project my-project --location us-central1",
    "aks": "az aks get-credentials --resource-group gpus --name inference",
}


def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: dict[str, str], *known: str) -> Access:
    contexts = [{"name": f"context-{index}", "context": {"cluster": name}} for index, name in enumerate(known)]
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump({"contexts": contexts, "current-context": "context-0"}))
    monkeypatch.setenv("KUBECONFIG", str(path))
    return access(TypeAdapter(Cluster).validate_python(cluster), Clone(ROOT))


@pytest.mark.parametrize("cluster", [EKS, GKE, AKS], ids=list(KNOWN_AS))
def test_its_own_context_is_found_among_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: dict[str, str]) -> None:
    found = way(tmp_path, monkeypatch, cluster, "somebody-elses", KNOWN_AS[cluster["provider"]])
    assert (found.leads, found.context) == (True, "context-1")


@pytest.mark.parametrize("cluster", [EKS, GKE, AKS], ids=list(KNOWN_AS))
def test_without_one_nothing_is_looked_at_and_the_command_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: dict[str, str]
) -> None:
    found = way(tmp_path, monkeypatch, cluster, "somebody-elses")
    assert not found.leads
    assert "no context for this cluster" in found.missing
    assert COMMANDS[cluster["provider"]] in found.missing


@pytest.mark.parametrize(
    "alike",
    [
        "arn:aws:eks:us-east-1:111122223333:cluster/inference",
        "arn:aws:eks:us-west-2:111122223333:cluster/old-inference",
        "inference",
    ],
)
def test_a_cluster_that_is_called_alike_is_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alike: str) -> None:
    assert not way(tmp_path, monkeypatch, EKS, alike).leads


def of_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: dict[str, str], **known: str) -> Access:
    """Of a list of files, each with one context under the file's name, and of one that is not there."""
    for file, name in known.items():
        entries = {"clusters": [{"name": name, "cluster": {"server": f"https://{file}"}}]}
        context = {"contexts": [{"name": file, "context": {"cluster": name}}], "current-context": file}
        (tmp_path / file).write_text(yaml.safe_dump(entries | context))
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(str(tmp_path / file) for file in ("none", *known)))
    return access(TypeAdapter(Cluster).validate_python(cluster), Clone(ROOT))


def test_its_own_context_is_found_in_any_file_of_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = of_a_list(tmp_path, monkeypatch, EKS, theirs="somebody-elses", ours=KNOWN_AS["eks"])
    assert (found.leads, found.context) == (True, "ours")


def test_a_list_leads_to_the_context_that_a_stack_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = {"provider": "existing", "name": "prod", "context": "ours"}
    found = of_a_list(tmp_path, monkeypatch, cluster, theirs="somebody-elses", ours="prod")
    assert select(load(found.kubeconfig), context=found.context or "").server == "https://ours"


def test_every_file_of_a_list_that_leads_nowhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = of_a_list(tmp_path, monkeypatch, EKS, theirs="somebody-elses")
    assert f"there is no context for this cluster at {tmp_path / 'none'}, {tmp_path / 'theirs'}: " in found.missing


def test_a_file_that_is_none_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "none"
    monkeypatch.setenv("KUBECONFIG", str(path))
    assert "no kubeconfig" in access(TypeAdapter(Cluster).validate_python(EKS), Clone(ROOT)).missing
    path.write_text("{")
    assert not access(TypeAdapter(Cluster).validate_python(EKS), Clone(ROOT)).leads
