"""The program under Pulumi's mocks: what it registers is what `headroom.desired` says."""

from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.settings import load
from tests.components.program import ROOT, Refused, Run, run_program, stack_config
from tests.evidence import Proof


@pytest.fixture
def local() -> Run:
    return run_program("local")


def key(obj: dict[str, Any]) -> tuple[str, str, str]:
    return obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


@pytest.mark.proves("what Pulumi applies is what was rendered and verified", Proof.SCHEMA)
def test_registers_exactly_the_desired_objects(local: Run) -> None:
    desired = render(load(ROOT / "stacks" / "Pulumi.local.yaml")).objects
    assert sorted(local.kubernetes_objects, key=key) == sorted(desired, key=key)


def test_every_object_belongs_to_the_clusters_provider(local: Run) -> None:
    objects = [r for r in local.resources if r.type.startswith("kubernetes:")]
    assert {"::local::" in r.provider for r in objects} == {True}


def test_the_provider_is_identified_by_the_clusters_name_and_its_kubeconfig_is_secret(local: Run) -> None:
    provider = local.one("pulumi:providers:kubernetes", "local").inputs
    assert (provider["clusterIdentifier"], provider["kubeconfig"]) == ("local", "[secret]")


def test_children_are_named_after_their_server_and_parented_to_it(local: Run) -> None:
    children = {r.name for r in local.resources if r.parent == "demo"}
    assert children == {f"demo-{role}" for role in render(load(ROOT / "stacks" / "Pulumi.local.yaml")).servers[0].objects}


def test_the_autoscaler_waits_for_its_workload(local: Run) -> None:
    autoscaler = local.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "demo-autoscaler")
    assert "demo-workload" in autoscaler.dependencies


def test_the_workload_is_awaited_as_long_as_the_engine_may_take_to_start(local: Run) -> None:
    workload = local.one("kubernetes:apps/v1:Deployment", "demo-workload")
    probe = workload.inputs["spec"]["template"]["spec"]["containers"][0]["startupProbe"]
    assert int(workload.timeouts["create"].removesuffix("s")) > probe["periodSeconds"] * probe["failureThreshold"]


def test_a_cache_is_protected_and_nothing_else_of_a_server() -> None:
    config = stack_config("vllm")
    config["headroom:servers"]["llama-8b"]["cache"] = {"storageClass": "shared"}
    assert [made.name for made in run_program("vllm", config).resources if made.protected] == ["llama-8b-cache"]


def test_servers_wait_for_pools_and_namespaces(local: Run) -> None:
    server = local.one("headroom:index:ModelServer", "demo")
    assert {"inference", "local-l4-0"} <= set(server.dependencies)


def test_placeholders_wait_for_their_priority_class() -> None:
    config = stack_config("local")
    config["headroom:pools"]["l4"]["warm"] = 1
    placeholders = run_program("local", config).one("kubernetes:apps/v1:Deployment", "warm-pool-l4")
    assert "warm-pool-priority" in placeholders.dependencies


def test_the_stack_says_where_its_servers_answer(local: Run) -> None:
    assert local.outputs["endpoints"] == {"demo": {"http": "demo.inference.svc:8000", "grpc": "demo.inference.svc:8001"}}


def test_an_invalid_stack_registers_nothing_and_names_every_wrong_path() -> None:
    config = stack_config("local")
    config["headroom:servers"]["demo"] |= {"engine": "tritn", "pool": "l5"}
    with pytest.raises(Refused) as failure:
        run_program("local", config)
    assert "servers.demo.engine" in str(failure.value)
    assert "servers.demo.pool" in str(failure.value)


def test_a_missing_stack_file_is_refused_although_pulumi_reads_an_empty_one() -> None:
    with pytest.raises(Refused, match=r"Pulumi\.nowhere\.yaml.*\n.*there is no such file"):
        run_program("nowhere", {})


def test_a_misspelt_prefix_is_refused_before_its_servers_are_missed() -> None:
    config = stack_config("local")
    config["headrom:servers"] = config.pop("headroom:servers")
    with pytest.raises(Refused, match=r"headrom:servers: .* did you mean headroom:servers\?"):
        run_program("local", config)


def test_an_encrypted_value_outside_credentials_is_refused_without_showing_it() -> None:
    config = stack_config("local")
    config["headroom:servers"]["demo"]["environment"] = {"TOKEN": "hunter2"}
    with pytest.raises(Refused, match="secrets belong below credentials") as failure:
        run_program("local", config, secrets=("headroom:servers",))
    assert "hunter2" not in str(failure.value)


def test_without_a_sandbox_the_kwok_provider_says_how_to_start_one(kubeconfig: Path) -> None:
    kubeconfig.unlink()
    with pytest.raises(Refused, match="make up"):
        run_program("local")
