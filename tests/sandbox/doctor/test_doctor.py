"""`headroom doctor` on a real API server: what it sees, with which rights, and whom it takes for the stack's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.doctor.kinds import rights
from tests.evidence import Proof
from tests.sandbox.doctor import foreign
from tests.sandbox.doctor.conftest import COLLIDING, Company

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def told(company: Company) -> dict[str, Any]:
    company.stack("asked", COLLIDING)
    return company.doctor("asked")[1]


@pytest.mark.proves("the doctor detects what a cluster has", Proof.REAL)
def test_the_platform_that_is_there_is_told(told: dict[str, Any]) -> None:
    assert told["platform"] == {
        "gpuOperator": "existing",
        "monitoring": {"mode": "existing", "namespace": "company", "labels": {"release": "company"}},
        "metricsServer": {"mode": "existing", "namespace": "company"},
        "prometheusAdapter": {"mode": "existing", "namespace": "company"},
        "keda": {"mode": "existing", "namespace": "company"},
        "traefik": "none",
        "lws": "none",
    }


def test_apis_whose_server_does_not_run_are_told_of(told: dict[str, Any]) -> None:
    assert len([line for line in told["ailments"] if "is not available" in line]) == 3


def test_the_reasons_are_told(told: dict[str, Any]) -> None:
    assert told["reasons"]["monitoring"] == "Prometheus company/company: it selects {release: company}"


def test_a_release_is_named_and_its_content_not_read(company: Company) -> None:
    release = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {"name": "sh.helm.release.v1.theirs.v1", "namespace": "company", "labels": {"owner": "helm", "name": "theirs"}},
        "stringData": {"release": "hunter2"},
    }
    company.apply(release)
    _, told = company.doctor("asked")
    assert told["found"]["releases"] == [{"namespace": "company", "name": "theirs"}]
    assert "hunter2" not in json.dumps(told)


def test_what_an_earlier_update_installed_is_no_conflict(company: Company, told: dict[str, Any]) -> None:
    company.apply(foreign.api_service("external.metrics.k8s.io", release=("keda", "keda")))
    try:
        _, later = company.doctor("asked")
    finally:
        company.kubectl("delete", "apiservice", "v1beta1.external.metrics.k8s.io")
        company.apply(foreign.api_service("external.metrics.k8s.io"))
    assert "platform.keda" in {conflict["path"] for conflict in told["conflicts"]}
    assert "platform.keda" not in {conflict["path"] for conflict in later["conflicts"]}


@pytest.fixture
def account(company: Company, tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of somebody who may do nothing."""
    company.kubectl("create", "serviceaccount", "doctor", "--namespace=company")
    token = company.kubectl("create", "token", "doctor", "--namespace=company").strip()
    config = yaml.safe_load(company.sandbox.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    yield path
    company.kubectl("delete", "serviceaccount", "doctor", "--namespace=company")


@pytest.mark.proves("the rights that the doctor prints suffice", Proof.REAL)
def test_the_rights_that_it_prints_suffice(company: Company, told: dict[str, Any], account: Path) -> None:
    company.apply(
        rights(),
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "headroom-doctor"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "headroom-doctor"},
            "subjects": [{"kind": "ServiceAccount", "name": "doctor", "namespace": "company"}],
        },
    )
    try:
        status, seen = company.doctor("asked", kubeconfig=account)
    finally:
        company.kubectl("delete", "clusterrolebinding", "headroom-doctor")
    assert (status, seen["conflicts"]) == (1, told["conflicts"])
    assert [unread["kind"] for unread in seen["found"]["unread"]] == ["secrets"]


def test_without_rights_it_says_what_it_may_not_read_and_concludes_nothing(company: Company, told: dict[str, Any], account: Path) -> None:
    status, seen = company.doctor("asked", kubeconfig=account)
    assert (status, seen["conflicts"]) == (3, [])
    (nodes,) = [unread for unread in seen["found"]["unread"] if unread["kind"] == "nodes"]
    assert nodes == {"kind": "nodes", "why": "you may not list them", "unknown": "what kind of cluster this is, and its GPUs"}
