"""`headroom render`: what a stack asks for, to be read or handed on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from headroom import look
from headroom.paths import Clone

STACK = """\
config:
  headroom:cluster: {provider: existing, name: prod}
  headroom:platform: {keda: {mode: helm, release: scaler, overrides: {operator: {replicaCount: 3}}}}
"""


@pytest.fixture(autouse=True)
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.prod.yaml").write_text(STACK)
    monkeypatch.setattr(Clone, "find", lambda: Clone(tmp_path))


def printed(*arguments: str) -> Result:
    return CliRunner().invoke(look.app, ["render", "prod", *arguments])


def test_the_objects_beside_the_add_ons_are_shown_with_the_rest() -> None:
    kinds = [document["kind"] for document in yaml.safe_load_all(printed().stdout)]
    assert "PriorityClass" in kinds


def test_a_releases_values_are_what_helm_is_given() -> None:
    assert yaml.safe_load(printed("--release", "scaler").stdout)["operator"]["replicaCount"] == 3


def test_a_release_that_the_stack_has_not_is_answered_with_those_it_has() -> None:
    refused = printed("--release", "keda")
    assert refused.exit_code == 2
    assert "keda is not a Helm release of this stack; it has: scaler" in refused.output


def test_a_program_is_told_all_that_a_stack_asks_for_in_one_line() -> None:
    (line,) = printed("--json").stdout.splitlines()
    told = json.loads(line)
    assert (told["stack"], [release["name"] for release in told["releases"]]) == ("prod", ["scaler"])
    assert "PriorityClass" in {item["kind"] for item in told["objects"]}
