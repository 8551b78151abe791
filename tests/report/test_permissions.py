"""What the program must be allowed to do: every resource of the components is known, and the page says what the catalogue says."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

from headroom.catalog.permissions import permissions
from headroom.desired.clusters.load_balancers import controller_policy
from headroom.report.permissions import markdown
from headroom.settings.cluster import EksCluster
from tests.components.program import ROOT
from tests.evidence import Proof

_MODELS = {"elasticloadbalancing": "elbv2"}
"""What botocore calls a service that IAM calls otherwise."""
CLOUDS = {"aws": ("eks", "pulumi_aws"), "gcp": ("gke", "pulumi_gcp"), "azure": ("aks", "pulumi_azure_native")}


@pytest.mark.proves("least permissions per cloud: every resource of the components is listed, and every AWS action exists", Proof.SCHEMA)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_resource_and_look_up_of_the_components_is_listed_and_no_other(cloud: str) -> None:
    directory, sdk = CLOUDS[cloud]
    used = {name for file in (ROOT / "components" / "cluster" / directory).rglob("*.py") for name in _used(file, sdk)}
    assert used == set(permissions(cloud).resources)


@pytest.mark.parametrize("needs", [permissions("aws")], ids=["aws"])
def test_every_action_of_aws_is_an_operation_of_its_api(needs: Any) -> None:
    for action in needs.actions("pools", "interconnect", "create", "karpenter"):
        service, _, operation = action.partition(":")
        assert action == "iam:PassRole" or operation in _operations(service), action


def test_every_action_of_the_load_balancer_controller_is_an_operation_of_its_api() -> None:
    policy = json.loads(controller_policy(EksCluster(provider="eks", name="prod", region="us-west-2")))
    for action in (action for statement in policy["Statement"] for action in statement["Action"]):
        service, _, operation = action.partition(":")
        assert operation in _operations(_MODELS.get(service, service)), action


def test_the_page_is_fresh() -> None:
    page = ROOT / "docs" / "clouds" / "permissions.md"
    assert page.read_text() == markdown(), f"run: python -m headroom.report.permissions {page.relative_to(ROOT)}"


def _used(file: Path, sdk: str) -> Iterator[str]:
    """Resources and look-ups of an SDK that a module calls, as `module.Class`; arguments and providers are neither."""
    tree = ast.parse(file.read_text())
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or alias.name: "" for alias in node.names if alias.name == sdk}
        elif isinstance(node, ast.ImportFrom) and node.module == sdk:
            known |= {alias.asname or alias.name: f"{alias.name}." for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            root, _, path = ast.unparse(node.func).partition(".")
            name = path.rpartition(".")[2]
            if root in known and path and not name.endswith(("Args", "ArgsDict")) and name not in ("Provider", "InvokeOutputOptions"):
                yield known[root] + path


@cache
def _operations(service: str) -> frozenset[str]:
    return frozenset(Loader().load_service_model(service, "service-2")["operations"])
