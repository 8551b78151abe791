"""A finding of a stack is shown at the line of the stack file where it is mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.desired import Desired, render
from headroom.report.changes import Level, Op, Step, Violation
from headroom.report.stack_places import findings_in_file, placed, violations_in_file
from headroom.settings import load
from headroom.wiring import Finding, Severity
from headroom.wiring.document import ObjectRef, Place

STACKS = Path(__file__).parents[2] / "stacks"
FILE = STACKS / "Pulumi.prod-eks.yaml"
TEXT = FILE.read_text()

PLANTED = """\
config:
  headroom:cluster: {provider: existing, name: prod}
  headroom:servers:
    one:
      engine: vllm
      image: vllm/vllm-openai:v0.10.2
      model: Qwen/Qwen3-8B
      environment:
        HF_HUB_OFFLINE: "1"
        API_KEY: not-a-real-key-0123
      autoscaling: {replicas: {min: 1, max: 2}, signals: {requests-waiting: 2}}
    two:
      engine: vllm
      image: vllm/vllm-openai:v0.10.2
      model: Qwen/Qwen3-8B
      arguments:
        - --api-key=not-a-real-key-0123
      environment:
        API_KEY: not-a-real-key-4567
      autoscaling: {replicas: {min: 1, max: 2}, signals: {requests-waiting: 2}}
"""


@pytest.fixture(scope="module")
def desired() -> Desired:
    return render(load(FILE))


def line(desired: Desired, kind: str, namespace: str, name: str) -> str:
    """The text of the line at which a finding about the object is shown."""
    finding = Finding("some-check", Severity.ERROR, Place(ObjectRef("", kind, namespace, name)), "", "", "")
    (found,) = placed([finding], desired, TEXT, "stacks/Pulumi.prod-eks.yaml")
    assert found.place.file == "stacks/Pulumi.prod-eks.yaml"
    assert found.place.object == finding.place.object
    assert found.place.line is not None
    return TEXT.splitlines()[found.place.line - 1].split("#")[0].strip()


def step(token: str, **inputs: Any) -> Step:
    return Step(Op.CREATE, f"urn::kubernetes:{token}::{inputs}", f"kubernetes:{token}", "some-name", after=inputs)


def of_server(desired: Desired, name: str, kind: str) -> tuple[str, str, str]:
    server = next(server for server in desired.servers if server.name == name)
    item = next(item for item in server.objects.values() if item["kind"] == kind)
    return kind, item["metadata"]["namespace"], item["metadata"]["name"]


def test_a_workload_is_at_its_server(desired: Desired) -> None:
    assert line(desired, *of_server(desired, "qwen-3b", "Deployment")) == "qwen-3b:"


def test_an_autoscaler_is_at_the_servers_autoscaling(desired: Desired) -> None:
    lines = TEXT.splitlines()
    finding = Finding("c", Severity.ERROR, Place(ObjectRef("", *of_server(desired, "qwen-3b", "ScaledObject"))), "", "", "")
    (found,) = placed([finding], desired, TEXT, "f")
    assert found.place.line == lines.index("    qwen-3b:") + 1 + lines[lines.index("    qwen-3b:") :].index("      autoscaling:")


def test_a_rule_is_at_the_signals(desired: Desired) -> None:
    assert line(desired, *of_server(desired, "llama-405b", "PrometheusRule")) == "signals: {requests-running: 6, queue-length: 1}"


def test_a_release_is_at_its_add_on(desired: Desired) -> None:
    (release,) = desired.platform["lws"].releases
    assert line(desired, "Release", release.namespace, release.name) == "lws: helm"


def test_a_namespace_of_a_release_is_at_its_add_on(desired: Desired) -> None:
    assert line(desired, "Namespace", "", "lws-system") == "lws: helm"


def test_what_keeps_a_pool_warm_is_at_that_pool(desired: Desired) -> None:
    (placeholder,) = [item for item in desired.shared.values() if item["kind"] == "Deployment"]
    metadata = placeholder["metadata"]
    assert line(desired, "Deployment", metadata["namespace"], metadata["name"]) == "l4:"


def test_a_node_that_is_not_there_yet_is_at_its_pool(desired: Desired) -> None:
    assert line(desired, "Node", "", "prod-eks-a100-parts-1") == "a100-parts:"


def test_a_node_of_no_pool_is_at_the_pools(desired: Desired) -> None:
    assert line(desired, "Node", "", "some-node") == "headroom:pools:"


def violated(desired: Desired, *steps: Step) -> list[str]:
    """The text of the lines at which a violation of each of the resources is shown."""
    told = [Violation("some-policy", Level.MANDATORY, "", step.urn) for step in steps]
    places = [violation.place for violation in violations_in_file(told, steps, desired, FILE)]
    assert {place.file for place in places if place} == {"stacks/Pulumi.prod-eks.yaml"}
    return [TEXT.splitlines()[place.line - 1].split("#")[0].strip() for place in places if place and place.line]


def test_a_violation_is_at_what_its_resource_was_made_of(desired: Desired) -> None:
    kind, namespace, name = of_server(desired, "qwen-3b", "Deployment")
    (release,) = desired.platform["lws"].releases
    charted = desired.platform["monitoring"].releases[-1]
    assert violated(
        desired,
        step("apps/v1:" + kind, metadata={"namespace": namespace, "name": name}),
        step("helm.sh/v3:Release", name=release.name, namespace=release.namespace, chart=release.chart.name, values={"a": "b"}),
        step("helm.sh/v3:Release", name=charted.name, chart="kube-prometheus-stack", values={"a": "b"}),
        Step(Op.CREATE, "urn::aws:eks/cluster:Cluster::prod", "aws:eks/cluster:Cluster", "prod", after={}),
    ) == ["qwen-3b:", "lws: helm", "monitoring: {mode: helm, grafana: none}", "headroom:cluster:"]


def test_a_violation_of_the_whole_stack_is_at_the_configuration(desired: Desired) -> None:
    (found,) = violations_in_file([Violation("some-policy", Level.MANDATORY, "")], [], desired, FILE)
    assert found.place
    assert TEXT.splitlines()[(found.place.line or 0) - 1] == "config:"


def test_a_secret_in_plain_text_is_at_its_own_line(tmp_path: Path) -> None:
    file = tmp_path / "stacks" / "Pulumi.planted.yaml"
    file.parent.mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: headroom\n")
    file.write_text(PLANTED)
    settings = load(file)
    found = [finding for finding in findings_in_file(settings, render(settings), file) if finding.check == "plaintext-secret"]
    lines = [PLANTED.splitlines()[(finding.place.line or 0) - 1].split(":")[0].strip() for finding in found]
    assert sorted(lines) == ["- --api-key=not-a-real-key-0123", "API_KEY", "API_KEY"]
    assert len({finding.place.line for finding in found}) == 3


def test_what_comes_of_nothing_in_particular_is_at_the_configuration(desired: Desired) -> None:
    assert line(desired, "ConfigMap", "nowhere", "nothing") == "config:"


def test_what_a_file_leaves_out_is_shown_at_its_first_line(desired: Desired) -> None:
    finding = Finding("c", Severity.ERROR, Place(ObjectRef("", "Deployment", "", "x")), "", "", "")
    (found,) = placed([finding], desired, "", "f")
    assert (found.place.file, found.place.line) == ("f", 1)


def test_everything_that_is_found_of_a_stack_has_a_line() -> None:
    file = STACKS / "Pulumi.prod-servers.yaml"
    settings = load(file)
    found = findings_in_file(settings, render(settings), file)
    assert {"secrets-kept-by-passphrase", "monitor-not-selected"} <= {finding.check for finding in found}
    assert [finding for finding in found if finding.place.file != f"stacks/{file.name}" or not finding.place.line] == []
