"""A stack on a cluster that is there already, under Pulumi's mocks."""

import os
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components.cluster.existing import said_by
from tests.components.conftest import KUBECONFIG
from tests.components.program import Cloud, Refused, Run, run_program
from tests.components.test_program import key
from tests.desired.stacks import STACKS, desired
from tests.evidence import Proof

STACK = "every-setting"


def config() -> dict[str, Any]:
    return yaml.safe_load(STACKS[STACK].read_text())["config"]


@pytest.fixture(autouse=True)
def own_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "of-the-cluster"
    path.write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


@pytest.fixture
def existing() -> Run:
    return run_program(STACK, config())


def test_registers_exactly_the_desired_objects(existing: Run) -> None:
    assert sorted(existing.kubernetes_objects, key=key) == sorted(desired(STACK).objects, key=key)


def test_makes_no_node(existing: Run) -> None:
    assert not [item for item in existing.kubernetes_objects if item["kind"] == "Node"]


def test_its_provider_has_the_clusters_name_and_the_context_that_was_asked_for(existing: Run) -> None:
    provider = existing.one("pulumi:providers:kubernetes", "every-setting").inputs
    assert (provider["clusterIdentifier"], provider["context"], provider["kubeconfig"]) == ("every-setting", "some-context", "[secret]")


def test_two_servers_are_two_components(existing: Run) -> None:
    servers = {r.name for r in existing.resources if r.type == "headroom:index:ModelServer"}
    assert servers == {server.name for server in desired(STACK).servers}


def test_the_sandboxs_load_is_not_offered(existing: Run) -> None:
    assert not [step for steps in existing.outputs["nextSteps"].values() for step in steps if "sandbox" in step]


def test_without_a_kubeconfig_it_says_which_to_set(own_kubeconfig: Path) -> None:
    own_kubeconfig.unlink()
    with pytest.raises(Refused, match="set KUBECONFIG"):
        run_program(STACK, config())


def test_a_list_of_kubeconfigs_leads_to_it_as_one_does(own_kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(own_kubeconfig.parent / "none"), str(own_kubeconfig)]))
    assert run_program(STACK, config()).one("pulumi:providers:kubernetes", "every-setting")


def test_a_kubeconfig_that_is_none_is_told(own_kubeconfig: Path) -> None:
    own_kubeconfig.write_text("{")
    with pytest.raises(Refused, match="failed to parse kubeconfig"):
        run_program(STACK, config())


REFERENCE = "organization/headroom/prod-cluster"


def referring() -> dict[str, Any]:
    cluster = {"provider": "existing", "name": "prod", "distribution": "eks", "stack": REFERENCE}
    return {**config(), "headroom:cluster": cluster}


@pytest.mark.proves("cluster, platform and servers as stacks of their own, joined by stack references", Proof.SCHEMA)
def test_the_way_to_a_cluster_of_another_stack_is_that_stacks_output(own_kubeconfig: Path) -> None:
    own_kubeconfig.unlink()
    made = Cloud(outputs={"pulumi:pulumi:StackReference": {"outputs": {"kubeconfig": KUBECONFIG}}})
    run = run_program(STACK, referring(), cloud=made)
    provider = run.one("pulumi:providers:kubernetes", "prod").inputs
    assert (provider["clusterIdentifier"], provider["kubeconfig"]) == ("prod", "[secret]")
    assert "kubeconfig" not in run.outputs


def test_a_stack_that_refers_to_another_does_not_look_at_the_cluster_that_happens_to_be_selected(
    own_kubeconfig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*_: Any, **__: Any) -> None:
        raise AssertionError("it looked")

    monkeypatch.setattr("components.preflight.Client.from_kubeconfig", look)
    made = Cloud(outputs={"pulumi:pulumi:StackReference": {"outputs": {"kubeconfig": KUBECONFIG}}})
    assert run_program(STACK, referring(), cloud=made).resources


def test_a_stack_without_that_output_is_no_way_to_a_cluster() -> None:
    with pytest.raises(pulumi.RunError, match=f"the stack {REFERENCE} has no output kubeconfig: bring it up first"):
        said_by(REFERENCE, None)
