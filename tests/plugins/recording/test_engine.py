"""The recording providers loaded by the real engine: a network of one small program, run whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pulumi
import pytest

from headroom import tools
from headroom.plugins.install import environment as clone_environment
from headroom.plugins.install import install as install_plugins
from headroom.plugins.recording.install import install
from headroom.plugins.recording.ledger import Ledger
from headroom.plugins.recording.sandbox import VARIABLE
from tests.evidence import Proof
from tests.plugins.kubernetes.stack import Outcome, Program, Stack
from tests.sandbox.fixtures import throwaway_clone

pytestmark = pytest.mark.tools


def program(machine: str = "g6.2xlarge", *, most: int = 2, misspelt: bool = False, delete_first: bool | None = None) -> Program:
    """A cluster and a node group whose name says its machine."""

    def run() -> None:
        import pulumi_aws as aws

        from components.cluster.eks.sizes import sizes

        cluster = aws.eks.Cluster("cluster", name="dev", role_arn="arn", vpc_config={"subnet_ids": ["subnet-a"]})
        name = f"l4-{machine.replace('.', '-')}"
        asked = {"desired_size": 0, "min_sise" if misspelt else "min_size": 0, "max_size": most}
        sized = sizes("dev", name, asked, parent=cluster)
        aws.eks.NodeGroup(
            "l4",
            cluster_name=cluster.name,
            node_role_arn="arn",
            node_group_name=name,
            instance_types=[machine],
            scaling_config=sized.scaling_config,  # pyright: ignore[reportArgumentType]
            subnet_ids=["subnet-a"],
            opts=pulumi.ResourceOptions(ignore_changes=sized.ignored, delete_before_replace=delete_first),
        )
        pulumi.export("endpoint", cluster.endpoint)

    return run


@pytest.fixture
def around(tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a CLI that has recording providers, and knows where the sandbox would be."""
    tools.require("pulumi")
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)
    clone = throwaway_clone(tmp_path / "clone")
    install_plugins(clone)
    install(clone.pulumi_home)
    return {**clone_environment(clone), VARIABLE: str(directory)}


@pytest.fixture
def stack(tmp_path: Path, around: Mapping[str, str]) -> Stack:
    (tmp_path / "project").mkdir()
    return Stack(tmp_path / "project", around)


def machine_changes(outcome: Outcome) -> list[str]:
    return [operation for operation in outcome.operations("l4") if operation != "replace"]


@pytest.mark.proves("cloud providers that record run under the real engine: plan, make, refresh, replace, delete", Proof.REAL)
def test_a_program_runs_whole(stack: Stack, directory: Path) -> None:
    ledger = Ledger(directory / "steps.jsonl")
    refused = stack.preview(program(misspelt=True))
    assert "scalingConfig.min_sise: is no argument: did you mean minSize?" in refused.error
    ledger.clear()

    assert stack.up(program()).ok
    steps = [(entry.step, entry.name) for entry in ledger.entries() if entry.step != "invoke"]
    assert steps == [("create", "cluster"), ("create", "l4")]

    # An autoscaler has brought a node, of which the state knows nothing: with other bounds it is said, and stays.
    (directory / "drift.json").write_text('{"l4": {"scalingConfig": {"desiredSize": 1}}}')
    changed = stack.up(program(most=3)).steps["l4"].paths
    assert changed == {"scalingConfig.maxSize": "update", "scalingConfig.desiredSize": "update"}
    assert ledger.entries()[-1].arguments["scalingConfig"] == {"desiredSize": 1, "minSize": 0, "maxSize": 3}

    (directory / "drift.json").write_text('{"l4": {"scalingConfig": {"desiredSize": 2}}}')
    assert stack.refresh().ok
    assert stack.preview(program(most=3)).operations("l4") == ["same"]

    assert machine_changes(stack.preview(program("g6.4xlarge", most=3))) == ["delete-replaced", "create-replacement"]
    assert machine_changes(stack.up(program("g6.4xlarge", most=3, delete_first=False))) == ["create-replacement", "delete-replaced"]

    ledger.clear()
    assert stack.destroy().ok
    assert [(entry.step, entry.name) for entry in ledger.entries()] == [("delete", "l4"), ("delete", "cluster")]
