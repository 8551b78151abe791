"""What a pull request, CI and a nightly look at drift call: the driver with the real CLI on a real control plane, secrets in every place.

The tests build on one another, in this order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from headroom.automation.exits import Exit
from headroom.cli import app
from tests.evidence import Proof
from tests.stacks.checkout import ROOT, Checkout

pytestmark = [pytest.mark.tools, pytest.mark.timeout(600)]

STACK = "reviewed"
PLANTED = {
    "credential": "not-a-real-password-of-a-registry",
    "environment": "hf_NOTAREALTOKENatallNOTAREAL0123456",
    "kubeconfig": "not-a-real-token-of-a-kubeconfig",
    "variable": "not-a-real-token-of-a-job",
}

shown: list[str] = []
"""Everything that any of the commands wrote, to a terminal or a file."""


@dataclass(frozen=True)
class Ran:
    status: int
    output: str
    comment: str
    report: Any


def write_stack(checkout: Checkout, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """The local stack in a namespace of its own, with a registry that wants a password; `change` is what the pull request does."""
    file = checkout.clone.stack_file(STACK)
    written = yaml.safe_load(file.read_text()) if file.exists() else {}
    content = yaml.safe_load((ROOT / "stacks" / "Pulumi.local.yaml").read_text())
    config = content["config"]
    config["headroom:namespace"] = STACK
    config["headroom:pools"] = {STACK: {"machine": "g6.2xlarge", "max": 3}}
    config["headroom:platform"]["images"] = {
        "registry": "registry.example.com/mirror",
        "login": {"user": "robot", "password": "mirror"},
    }
    demo = config["headroom:servers"]["demo"]
    demo |= {"pool": STACK, "environment": {"MODEL_SOURCE": PLANTED["environment"]}}
    demo["autoscaling"]["replicas"] = {"min": 1, "max": 2}
    change(config)
    config |= {key: value for key, value in written.get("config", {}).items() if key == "headroom:credentials"}
    file.write_text(yaml.safe_dump(content, sort_keys=False))


def more(config: dict[str, Any]) -> None:
    config["headroom:pools"][STACK]["max"] = 5
    config["headroom:servers"]["demo"]["autoscaling"] |= {"replicas": {"min": 1, "max": 4}, "signals": {"queue-time": "300ms"}}


@pytest.fixture(scope="module")
def reviewed(checkout: Checkout) -> Checkout:
    """The checkout with the stack, whose credential is encrypted by the CLI."""
    write_stack(checkout)
    assert checkout.pulumi("stack", "init", STACK).returncode == 0
    config = ("config", "set", "--secret", "--path", "headroom:credentials.mirror", PLANTED["credential"], f"--stack={STACK}")
    assert checkout.pulumi(*config).returncode == 0
    return checkout


@pytest.fixture
def headroom(reviewed: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """A command as a job runs it: in the environment of the checkout, with a kubeconfig and a token that are not the stack's."""
    for name, value in reviewed.environment.items():
        monkeypatch.setenv(name, value)
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump({"users": [{"name": "me", "user": {"token": PLANTED["kubeconfig"]}}]}))
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    monkeypatch.setenv("DEPLOY_TOKEN", PLANTED["variable"])

    def ran(*arguments: str) -> Ran:
        comment, page = tmp_path / "comment.md", tmp_path / "report.html"
        result = CliRunner().invoke(app, [*arguments, STACK, "--json", "--markdown", str(comment), "--html", str(page)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        assert comment.is_file(), result.output
        shown.extend((result.output, comment.read_text(), page.read_text()))
        return Ran(result.exit_code, result.output, comment.read_text(), json.loads(result.stdout))

    return ran


def test_a_stack_is_brought_up(headroom: Callable[..., Ran]) -> None:
    up = headroom("up", "--no-policy")
    assert up.status == Exit.FINE, up.output


@pytest.mark.proves("a change to a stack file is told in the server's terms, judged and priced, in one comment", Proof.REAL)
def test_a_change_to_its_file_is_told_in_the_servers_terms(headroom: Callable[..., Ran], reviewed: Checkout) -> None:
    write_stack(reviewed, more)
    # With the policy pack the planted secret would be a violation, of which no plan is kept.
    preview = headroom("preview", "--exit-code", "--no-policy", "--save-plan", str(reviewed.clone.state / "plans"))

    for told in ("target queue-time 200ms → 300ms", "max replicas 2 → 4", "GPUs at most 2 → 4", "no replica restarts"):
        assert told in preview.comment
    line = 1 + (reviewed.clone.stack_file(STACK).read_text().splitlines()).index(f"        MODEL_SOURCE: {PLANTED['environment']}")
    assert "plaintext-secret" in preview.comment
    assert f"stacks/Pulumi.{STACK}.yaml:{line}" in preview.comment
    assert "$0 to $2,141 → $0 to $3,568" in preview.comment
    assert preview.status == Exit.FINDINGS, preview.output


@pytest.mark.proves("only what a saved plan says is done", Proof.REAL)
def test_what_was_reviewed_is_done_and_nothing_else(headroom: Callable[..., Ran], reviewed: Checkout) -> None:
    write_stack(reviewed, lambda config: (more(config), config["headroom:servers"]["demo"].update(drain="12s")))  # pyright: ignore[reportArgumentType]
    up = headroom("up", "--plan", str(reviewed.clone.state / "plans"))

    assert up.status == Exit.ERROR
    assert "violates plan" in up.comment


@pytest.mark.proves("drift is told by resource and property, and by the exit status", Proof.REAL)
def test_what_was_changed_by_hand_is_drift(headroom: Callable[..., Ran], reviewed: Checkout) -> None:
    reviewed.kubectl("patch", "hpa/demo", f"--namespace={STACK}", "--type=merge", "--patch", '{"spec":{"minReplicas":2}}')
    drift = headroom("drift", "--exit-code")

    assert drift.status == Exit.CHANGES, drift.output
    assert "min replicas 1 → 2" in drift.comment


def test_nothing_is_left_of_it(headroom: Callable[..., Ran], reviewed: Checkout) -> None:
    destroyed = headroom("destroy")

    assert destroyed.status == Exit.FINE, destroyed.output
    assert reviewed.kubectl("get", "deployments", f"--namespace={STACK}", "--output=name") == ""


@pytest.mark.proves("no command that drives Pulumi shows a secret, wherever it stands", Proof.REAL)
@pytest.mark.parametrize("place", PLANTED)
def test_no_secret_was_in_anything_shown(place: str) -> None:
    assert len(shown) == 15
    assert [text for text in shown if PLANTED[place] in text] == []
