"""A stack on a cluster that is there already, under Pulumi's mocks."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.components.conftest import KUBECONFIG
from tests.components.program import Refused, Run, run_program
from tests.components.test_program import key
from tests.desired.stacks import STACKS, desired

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
