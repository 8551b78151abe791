"""`headroom preview | up | drift | destroy` over several stacks: who comes when, what stops whom, what is shown, and how it ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner, Result

from headroom.automation.exits import Exit
from headroom.automation.progress import OnTerminal
from headroom.cli import app
from headroom.doctor.access import NOT_LOOKED
from headroom.paths import Clone
from tests.automation.engines import Played, step, told, violation

Write = Callable[..., None]
OTHERS = "not run: what came before it failed, or was interrupted"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def three(write: Write) -> None:
    """Named so that neither their names nor their files are in the order of who needs whom."""
    write("a-servers", needs="c-cluster")
    write("b-platform", needs="c-cluster")
    write("c-cluster")


def test_stacks_are_changed_in_the_order_of_who_needs_whom(engine: Played, three: None) -> None:
    assert run("up", "--all-stacks", "--yes").exit_code == 0
    assert [name for done, name in engine.log if done == "up"] == ["c-cluster", "a-servers", "b-platform"]


def test_stacks_are_destroyed_the_other_way_round(engine: Played, three: None) -> None:
    assert run("destroy", "--all-stacks", "--yes").exit_code == 0
    assert [name for done, name in engine.log if done == "destroy"] == ["b-platform", "a-servers", "c-cluster"]


def test_a_stack_that_is_not_named_is_left_alone(engine: Played, three: None) -> None:
    run("preview", "a-servers", "b-platform")
    assert {name for _, name in engine.log} == {"a-servers", "b-platform"}


def test_what_fails_keeps_what_follows_from_being_changed(engine: Played, three: None) -> None:
    engine.failures["c-cluster"] = "the cloud said no"
    result = run("up", "--all-stacks", "--yes")

    assert (result.exit_code, [name for done, name in engine.log if done == "up"]) == (Exit.ERROR, ["c-cluster"])
    assert "the cloud said no" in result.stdout
    assert OTHERS in result.stdout


def test_what_fails_in_a_preview_keeps_nothing_from_being_previewed(engine: Played, three: None) -> None:
    engine.failures["a-servers"] = "no credentials"
    result = run("preview", "--all-stacks", "--parallel", "1")

    assert (result.exit_code, len([name for done, name in engine.log if done == "preview"])) == (Exit.ERROR, 3)
    assert "no credentials" in result.stdout


def test_a_wrong_stack_file_keeps_every_stack_from_being_changed(engine: Played, three: None, write: Write) -> None:
    write("d-wrong", servers={"a": {}})
    result = run("up", "--all-stacks", "--yes")

    assert (result.exit_code, engine.log) == (Exit.ERROR, [])
    assert "stacks/Pulumi.d-wrong.yaml" in result.stdout


def test_a_wrong_stack_file_keeps_no_other_from_being_previewed(engine: Played, three: None, write: Write) -> None:
    write("d-wrong", servers={"a": {}})
    result = run("preview", "--all-stacks")

    assert result.exit_code == Exit.ERROR
    assert {name for done, name in engine.log if done == "preview"} == {"a-servers", "b-platform", "c-cluster"}


@pytest.mark.parametrize("command", ["preview", "drift"])
@pytest.mark.parametrize(
    ("op", "token", "status"),
    [
        ("same", "kubernetes:core/v1:ConfigMap", Exit.FINE),
        ("update", "kubernetes:core/v1:ConfigMap", Exit.CHANGES),
        ("delete", "kubernetes:core/v1:PersistentVolumeClaim", Exit.LOSSES),
    ],
)
def test_the_status_tells_what_changes_when_asked_to(engine: Played, three: None, command: str, op: str, token: str, status: Exit) -> None:
    engine.events["c-cluster"] = [step(op, "models", token, read=command == "drift", old={"inputs": {}}, new={"inputs": {}})]

    assert run(command, "c-cluster", "--exit-code").exit_code == status
    assert run(command, "c-cluster").exit_code == 0


def test_a_mandatory_violation_is_a_finding_and_no_failure(engine: Played, three: None) -> None:
    engine.events["c-cluster"] = [violation("image-not-fixed", "mandatory"), told("error", "preview failed")]
    engine.failures["c-cluster"] = "error: preview failed"
    result = run("preview", "c-cluster")

    assert result.exit_code == Exit.FINDINGS
    assert "image-not-fixed" in result.stdout


def test_an_error_beside_a_violation_is_a_failure(engine: Played, three: None) -> None:
    engine.events["c-cluster"] = [violation("image-not-fixed", "mandatory"), told("error", "no quota"), told("error", "update failed")]
    engine.failures["c-cluster"] = "error: update failed"
    result = run("preview", "c-cluster")

    assert result.exit_code == Exit.ERROR
    assert "no quota" in result.stdout
    assert "update failed" not in result.stdout


@pytest.mark.parametrize("command", ["up", "destroy"])
def test_nothing_but_the_sandbox_is_changed_without_being_asked(engine: Played, three: None, command: str) -> None:
    result = run(command, "c-cluster")

    assert (result.exit_code, engine.log) == (Exit.USAGE, [])
    assert "--yes" in result.stderr


def test_only_what_a_saved_plan_says_is_done(engine: Played, three: None, tmp_path: Path) -> None:
    plans = tmp_path / "plans"
    missing = run("up", "c-cluster", "--plan", str(plans))
    assert (missing.exit_code, engine.log) == (Exit.USAGE, [])
    assert f"headroom preview --save-plan {plans} c-cluster" in missing.stderr

    run("preview", "c-cluster", "--save-plan", str(plans))
    assert engine.options["c-cluster"].save_plan == plans / "c-cluster.json"
    (plans / "c-cluster.json").write_text("{}")
    assert run("up", "c-cluster", "--plan", str(plans)).exit_code == 0
    assert engine.options["c-cluster"].plan == plans / "c-cluster.json"


@pytest.mark.parametrize("option", ["--markdown", "--html", "--save-plan"])
def test_where_nothing_can_be_written_nothing_is_begun(engine: Played, three: None, tmp_path: Path, option: str) -> None:
    (tmp_path / "file").touch()
    result = run("preview", "c-cluster", option, str(tmp_path / "file" / "below"))
    assert (result.exit_code, engine.log) == (Exit.USAGE, [])
    assert str(tmp_path / "file") in result.stderr


def test_a_directory_is_no_report(engine: Played, three: None, tmp_path: Path) -> None:
    result = run("up", "c-cluster", "--yes", "--markdown", str(tmp_path))
    assert (result.exit_code, engine.log) == (Exit.USAGE, [])


def test_a_saved_plan_knows_nothing_of_what_is_looked_at_first(engine: Played, three: None, tmp_path: Path) -> None:
    assert run("up", "c-cluster", "--plan", str(tmp_path), "--refresh").exit_code == Exit.USAGE
    assert engine.log == []


@pytest.fixture
def interrupted(engine: Played, three: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[signal.Signals], tuple[Result, list[str]]]:
    """Changes all stacks, each of which sends a signal and goes on when it has been noticed; gives those that ended."""
    ended: list[str] = []
    noticed = threading.Event()
    said = OnTerminal.said

    def noticing(progress: OnTerminal, stack: str, line: str) -> None:
        said(progress, stack, line)
        noticed.set()

    def sends(sent: signal.Signals) -> tuple[Result, list[str]]:
        def up(stack: Any, *_: object) -> None:
            os.kill(os.getpid(), sent)
            noticed.wait(timeout=30)
            ended.append(stack.name)

        monkeypatch.setattr(engine, "up", up)
        return run("up", "--all-stacks", "--yes"), ended

    monkeypatch.setattr(OnTerminal, "said", noticing)
    return sends


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=lambda sent: sent.name)
def test_an_interrupt_lets_what_has_begun_end_and_nothing_else_begin(
    interrupted: Callable[[signal.Signals], tuple[Result, list[str]]], sent: signal.Signals
) -> None:
    result, ended = interrupted(sent)

    assert (result.exit_code, ended) == (Exit.ERROR, ["c-cluster"])
    assert "interrupted: Pulumi ends what it has begun" in result.stderr
    assert OTHERS in result.stdout


@dataclass
class Child:
    """A process that Pulumi may be, unless it has ended."""

    ended: bool = False
    sent: list[signal.Signals] = field(default_factory=list)

    def name(self) -> str:
        if self.ended:
            raise psutil.NoSuchProcess(1)
        return "pulumi"

    def send_signal(self, number: signal.Signals) -> None:
        self.sent.append(number)


def test_a_process_that_is_gone_just_then_keeps_no_pulumi_from_being_interrupted(
    interrupted: Callable[[signal.Signals], tuple[Result, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi = Child()
    monkeypatch.setattr(psutil.Process, "children", lambda _: [Child(ended=True), pulumi])
    _, ended = interrupted(signal.SIGTERM)

    assert (ended, pulumi.sent) == (["c-cluster"], [signal.SIGINT])


def test_a_lock_of_another_form_is_named_and_left(engine: Played, clone: Clone, three: None) -> None:
    path = clone.backend / ".pulumi" / "locks" / "organization" / "headroom" / "c-cluster" / "strange.json"
    path.parent.mkdir(parents=True)
    path.write_text("[]")
    result = run("preview", "c-cluster")

    assert (result.exit_code, path.exists()) == (0, True)
    assert str(path) in result.stderr


def test_a_stack_that_is_none_is_refused_with_the_names_of_those_that_are(engine: Played, three: None) -> None:
    result = run("preview", "d-cluster")
    assert (str(result.exception), engine.log) == (
        "there is no stack d-cluster (did you mean c-cluster?); this repository has: a-servers, b-platform, c-cluster",
        [],
    )


@pytest.mark.parametrize("arguments", [(), ("--all-stacks", "c-cluster")])
def test_stacks_are_named_or_all_of_them(engine: Played, three: None, arguments: tuple[str, ...]) -> None:
    assert (run("preview", *arguments).exit_code, engine.log) == (Exit.USAGE, [])


WRONG: Any = {
    "engine": "vllm",
    "image": "vllm/vllm-openai:v0.10.2",
    "model": "Qwen/Qwen3-8B",
    "environment": {"API_KEY": "not-a-real-key-0123"},
    "autoscaling": {"replicas": {"min": 1, "max": 2}, "signals": {"requests-waiting": 2}},
}


def test_an_error_of_the_verifier_keeps_every_stack_from_being_changed(engine: Played, three: None, write: Write) -> None:
    write("d-found", servers={"chat": WRONG})
    result = run("up", "--all-stacks", "--yes")

    assert (result.exit_code, engine.log) == (Exit.FINDINGS, [])
    assert "plaintext-secret" in result.stdout
    assert "not run: another stack has an error" in result.stdout


@pytest.mark.parametrize("arguments", [("--no-policy", "--yes"), ("--plan", "plans")], ids=["who says so", "what was judged already"])
def test_an_error_is_no_hindrance_to(
    engine: Played, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "d-found.json").write_text("{}")
    write("d-found", servers={"chat": WRONG})

    assert run("up", "d-found", *arguments).exit_code == 0
    assert engine.log[-1] == ("up", "d-found")


@pytest.mark.parametrize(("arguments", "kept"), [((), False), (("--no-policy",), True)])
def test_no_plan_is_kept_of_what_has_an_error(
    engine: Played, clone: Clone, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], kept: bool
) -> None:
    (clone.root / "policy").mkdir()
    (clone.root / "policy" / "PulumiPolicy.yaml").write_text("runtime: python\n")
    write("d-found", servers={"chat": WRONG})
    monkeypatch.setattr(engine, "preview", lambda _stack, _hear, options: options.save_plan.write_text("{}"))
    run("preview", "d-found", "--save-plan", str(tmp_path), *arguments)

    assert (tmp_path / "d-found.json").exists() is kept


def test_a_plan_of_before_is_gone_when_a_new_one_is_asked_for(engine: Played, three: None, tmp_path: Path) -> None:
    (tmp_path / "c-cluster.json").write_text("{}")
    run("preview", "c-cluster", "--save-plan", str(tmp_path))
    assert not (tmp_path / "c-cluster.json").exists()


@pytest.mark.parametrize(("answer", "done", "status"), [("y", ["preview", "up"], 0), ("n", ["preview"], 1)])
def test_whoever_is_asked_is_shown_the_preview_first(
    engine: Played, three: None, monkeypatch: pytest.MonkeyPatch, answer: str, done: list[str], status: int
) -> None:
    engine.events["c-cluster"] = [step("delete", "models", "kubernetes:core/v1:PersistentVolumeClaim", old={"inputs": {}})]
    monkeypatch.setattr("headroom.automation.cli._somebody_is_there", lambda: True)
    result = CliRunner().invoke(app, ["up", "c-cluster"], input=f"{answer}\n")

    assert (result.exit_code, [what for what, _ in engine.log if what != "select"]) == (status, done)
    assert result.stderr.index("what it holds is lost") < result.stderr.index("Go on?")


def test_nobody_is_asked_about_what_the_policy_pack_refuses(engine: Played, three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.events["c-cluster"] = [violation("stateful-unprotected", "mandatory")]
    monkeypatch.setattr("headroom.automation.cli._somebody_is_there", lambda: True)
    result = run("up", "c-cluster")

    assert (result.exit_code, "Go on?" in result.stderr) == (Exit.FINDINGS, False)


@pytest.mark.parametrize(("arguments", "packs"), [((), 1), (("--no-policy",), 0)])
def test_a_preview_runs_the_policy_pack_of_the_repository(
    engine: Played, three: None, clone: Clone, arguments: tuple[str, ...], packs: int
) -> None:
    (clone.root / "policy").mkdir()
    (clone.root / "policy" / "PulumiPolicy.yaml").write_text("runtime: python\n")

    run("preview", "c-cluster", *arguments)
    assert len(engine.options["c-cluster"].policy_packs) == packs


def test_a_preview_that_could_not_look_into_all_says_so(engine: Played, three: None) -> None:
    engine.events["c-cluster"] = [told("info", f"{NOT_LOOKED}: there is no kubeconfig")]
    assert f"not all is known: {NOT_LOOKED}: there is no kubeconfig" in run("preview", "c-cluster").stdout


def test_the_comment_of_a_pull_request_is_written_where_it_is_asked_for(engine: Played, three: None, tmp_path: Path) -> None:
    run("preview", "--all-stacks", "--markdown", str(tmp_path / "out" / "comment.md"))
    written = (tmp_path / "out" / "comment.md").read_text()
    assert [name for name in ("a-servers", "b-platform", "c-cluster") if name not in written] == []
