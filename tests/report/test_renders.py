"""Two renders compared, the base's by its own code: what a pull request of a fork is shown."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.report import renders
from headroom.report.asked import asked
from headroom.report.changes import Op
from headroom.settings import load
from tests.evidence import Proof

STACK = """\
config:
  headroom:cluster: {provider: existing, name: prod}
  headroom:platform: {keda: {mode: helm, release: scaler}}
"""
UNMAINTAINED = """\
  headroom:servers:
    old:
      engine: torchserve
      image: pytorch/torchserve:0.12.0-gpu
      models: {claim: store}
      model: m
      autoscaling: {replicas: {max: 4}, signals: {queue-length: 4}}
"""


def git(root: Path, *arguments: str) -> str:
    own = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *own, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A repository whose first commit has two stacks."""
    (tmp_path / "stacks").mkdir()
    for name in ("prod", "gone"):
        (tmp_path / "stacks" / f"Pulumi.{name}.yaml").write_text(STACK)
    (tmp_path / "Pulumi.yaml").write_text("name: headroom\n")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message=first")
    return Clone(tmp_path)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands that the base's code is given, answered by this code: what it is asked, and for which files."""
    from headroom.desired import render

    asked_for: list[tuple[str, ...]] = []

    def answer(tree: Clone, *arguments: str) -> subprocess.CompletedProcess[str]:
        asked_for.append(arguments)
        stacks = [load(tree.stack_file(name)) for name in arguments[1:-1]]
        lines = [json.dumps(asked(stack, render(stack))) for stack in stacks]
        return subprocess.CompletedProcess([], 0, "\n".join(lines), "")

    monkeypatch.setattr(renders, "_headroom", answer)
    return asked_for


@pytest.mark.thorough
@pytest.mark.usefixtures("told")
def test_a_change_is_told_against_the_base(clone: Clone) -> None:
    (clone.root / "stacks" / "Pulumi.prod.yaml").write_text(STACK.replace("scaler", "other"))
    (clone.root / "stacks" / "Pulumi.gone.yaml").unlink()
    (clone.root / "stacks" / "Pulumi.new.yaml").write_text(STACK)
    report = renders.compare(clone, "HEAD", renders.names(clone, "HEAD"))
    releases = {
        stack.stack: {step.name: step.op for step in stack.steps if step.type.startswith("kubernetes:helm")} for stack in report.stacks
    }
    assert releases == {
        "gone": {"keda/scaler": Op.DELETE},
        "new": {"keda/scaler": Op.CREATE},
        "prod": {"keda/other": Op.CREATE, "keda/scaler": Op.DELETE},
    }
    assert (report.operation, report.base) == ("render", git(clone.root, "rev-parse", "HEAD"))


@pytest.mark.usefixtures("told")
def test_the_security_baseline_is_judged_too_where_no_policy_pack_runs(clone: Clone) -> None:
    (clone.root / "stacks" / "Pulumi.prod.yaml").write_text(f"{STACK}{UNMAINTAINED}")
    (prod,) = renders.compare(clone, "HEAD", ("prod",)).stacks
    assert "engine-unmaintained" in {finding.check for finding in prod.findings}


def test_the_stacks_of_the_base_are_rendered_in_one_process_per_processor(clone: Clone, told: list[tuple[str, ...]]) -> None:
    renders.compare(clone, "HEAD", ("prod", "gone"))
    assert {arguments[0] for arguments in told} == {"render"}
    assert sorted(name for arguments in told for name in arguments[1:-1]) == ["gone", "prod"]


@pytest.mark.usefixtures("told")
def test_nothing_is_left_of_the_bases_files(clone: Clone) -> None:
    renders.compare(clone, "HEAD", ("prod",))
    assert len(git(clone.root, "worktree", "list").splitlines()) == 1


def test_a_base_that_tells_objects_alone_is_compared_as_far_as_it_goes(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    def older(tree: Clone, *arguments: str) -> subprocess.CompletedProcess[str]:
        if "--json" in arguments:
            return subprocess.CompletedProcess([], 2, "", "No such option: --json")
        return subprocess.CompletedProcess([], 0, "{apiVersion: v1, kind: Namespace, metadata: {name: was}}", "")

    monkeypatch.setattr(renders, "_headroom", older)
    (stack,) = renders.compare(clone, "HEAD", ("prod",)).stacks
    assert "Namespace" in {step.type.rpartition(":")[2] for step in stack.steps if step.op is Op.DELETE}
    assert not [step for step in stack.steps if "helm" in step.type]
    assert stack.incomplete is not None
    assert stack.prices_before is None


def test_a_base_that_cannot_be_rendered_says_why_without_any_secret(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "hf_NOTAREALTOKENatallNOTAREAL0123456"
    failed = subprocess.CompletedProcess([], 1, "", f"no module named {token}")
    monkeypatch.setattr(renders, "_headroom", lambda tree, *arguments: failed)
    (stack,) = renders.compare(clone, "HEAD", ("prod",)).stacks
    assert stack.problem == "the base cannot render it:\nno module named [redacted]"
    assert stack.steps == ()


@pytest.mark.usefixtures("told")
def test_a_stack_file_that_is_wrong_is_its_stacks_problem(clone: Clone) -> None:
    (clone.root / "stacks" / "Pulumi.prod.yaml").write_text(STACK.replace("existing", "elsewhere"))
    prod, gone = renders.compare(clone, "HEAD", ("prod", "gone")).stacks
    assert "provider" in (prod.problem or "")
    assert gone.problem is None


def test_a_commit_that_is_not_there_is_refused(clone: Clone) -> None:
    with pytest.raises(renders.NoBase, match="nowhere is no commit, branch or tag"):
        renders.compare(clone, "nowhere", ("prod",))


@pytest.mark.tools
@pytest.mark.proves("a pull request of a fork: two renders compared without any credential, the base's by its own code", Proof.SCHEMA)
def test_the_base_is_rendered_by_its_own_code(clone: Clone) -> None:
    """Another base's code asks for something else with the same stack file, and that is told."""
    package = clone.root / "headroom"
    package.mkdir()
    (package / "__init__.py").write_text("")
    line = json.dumps({"version": 1, "stack": "prod", "objects": [], "releases": [], "nodeGroups": [], "prices": []})
    (package / "__main__.py").write_text(f"import sys\nassert sys.argv[1:] == ['render', 'prod', '--json']\nprint({line!r})\n")
    git(clone.root, "add", ".")
    git(clone.root, "commit", "--quiet", "--message=other code")
    (stack,) = renders.compare(clone, "HEAD", ("prod",)).stacks
    assert stack.problem is None
    assert {step.op for step in stack.steps} == {Op.CREATE}
