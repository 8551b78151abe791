"""What the Automation API makes of what is asked of it: a CLI in Pulumi's place writes down how it was called."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from pulumi.automation import EngineEvent

from headroom.automation.engine import Engine, Options, PulumiFailed, unreadable_events
from headroom.paths import Clone

# An old version: the API reads the events of one from a file, which a script can write.
_CLI = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
  *version*) echo v3.200.0 ;;
  *salted*) echo "error: could not create secrets manager for new stack: malformed state value" >&2; exit 255 ;;
  *missing*) echo "a line of output with a secret"; echo "error: the stack is currently locked by 1 lock(s)" >&2; exit 255 ;;
  *"stack ls"*) [ -z "$UNREADABLE" ] || exit 255; echo '[{"name": "there", "current": false}]' ;;
  *"stack history"*) cat "$HISTORY" ;;
  *"config"*) cat "$CONFIG" ;;
  *event-log*)
    while [ "$1" != --event-log ]; do shift; done
    echo '{"summaryEvent":{"resourceChanges":{}}}' >> "$2"
    echo '{"cancelEvent":{}}' >> "$2" ;;
esac
"""

_UPDATE = {"kind": "update", "startTime": "2026-01-01T00:00:00.000Z", "message": "", "environment": {}, "config": {}, "result": "succeeded"}
_CONFIG = {
    "headroom:credentials": {"value": json.dumps({"ngc": "a"}), "secret": True},
    "headroom:namespace": {"value": "b", "secret": False},
}


@pytest.fixture
def engine(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Engine:
    clone.bin.mkdir(parents=True)
    (clone.bin / "pulumi").write_text(_CLI)
    (clone.bin / "pulumi").chmod(0o755)
    for name, answer in (("log", ""), ("history", [_UPDATE]), ("config", _CONFIG)):
        (clone.root / name).write_text(json.dumps(answer) if answer else "")
        monkeypatch.setenv(name.upper(), str(clone.root / name))
    monkeypatch.setattr("headroom.automation.engine.tools.require", lambda *_: {})
    monkeypatch.setattr("headroom.automation.engine.install.install", lambda _: SimpleNamespace(official=True))
    monkeypatch.setattr("headroom.automation.engine.install.environment", lambda _: {"KUBECONFIG": "of-the-sandbox", "OURS": "a"})
    return Engine(clone)


def called(clone: Clone) -> list[str]:
    return (clone.root / "log").read_text().splitlines()


def stack_commands(clone: Clone) -> list[str]:
    return [found[1] for call in called(clone) if (found := re.search(r"\bstack (\w+)", call))]


def test_a_preview_keeps_its_plan_runs_the_pack_and_shows_no_outputs(engine: Engine, clone: Clone) -> None:
    heard: list[EngineEvent] = []
    options = Options(policy_packs=(clone.root / "policy",), save_plan=clone.root / "plan.json", refresh=True)
    engine.preview(engine.select("a", sandboxed=True), heard.append, options)

    call = called(clone)[-1].split()
    assert {"preview", "--suppress-outputs", "--suppress-progress", "--non-interactive", "--refresh"} <= set(call)
    for option, value in (("--policy-pack", clone.root / "policy"), ("--save-plan", clone.root / "plan.json"), ("--stack", "a")):
        assert call[call.index(option) + 1] == str(value)
    assert any(event.summary_event for event in heard)


@pytest.mark.parametrize("operation", ["up", "drift", "destroy"])
def test_no_secret_is_asked_for(engine: Engine, clone: Clone, operation: str) -> None:
    getattr(engine, operation)(engine.select("a", sandboxed=True), lambda _: None, Options())

    assert [call for call in called(clone) if "--show-secrets" in call or "stack output" in call] == []


def test_what_a_listener_raises_is_raised_when_pulumi_has_ended(engine: Engine, clone: Clone) -> None:
    """As rich does where the reader of a pipe has gone."""
    heard: list[EngineEvent] = []

    def hear(event: EngineEvent) -> None:
        heard.append(event)
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        engine.up(engine.select("a", sandboxed=True), hear, Options())
    assert [bool(event.cancel_event) for event in heard] == [False, True]


def test_a_stack_that_is_there_is_not_selected(engine: Engine, clone: Clone) -> None:
    engine.look()
    for name in ("there", "other"):
        engine.select(name, sandboxed=True)
    assert stack_commands(clone) == ["ls", "select"]


def test_a_stack_that_was_forgotten_is_selected_again(engine: Engine, clone: Clone) -> None:
    engine.look()
    engine.forget(engine.select("there", sandboxed=True))
    engine.select("there", sandboxed=True)
    assert stack_commands(clone) == ["ls", "rm", "select"]


def test_where_stacks_cannot_be_listed_each_is_selected(engine: Engine, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREADABLE", "yes")
    engine.look()
    engine.select("there", sandboxed=True)
    assert stack_commands(clone) == ["ls", "select"]


def test_drift_changes_no_state(engine: Engine, clone: Clone) -> None:
    engine.drift(engine.select("a", sandboxed=True), lambda _: None, Options())
    assert "refresh --preview-only" in called(clone)[-1]


def test_only_what_a_plan_says_is_done(engine: Engine, clone: Clone) -> None:
    engine.up(engine.select("a", sandboxed=True), lambda _: None, Options(plan=Path("/plans/a.json")))
    assert any("up --yes --skip-preview" in call and "--plan /plans/a.json" in call for call in called(clone))


def test_a_failure_is_told_by_what_the_cli_says_of_it_and_not_by_its_output(engine: Engine) -> None:
    with pytest.raises(PulumiFailed) as failure:
        engine.select("missing", sandboxed=True)
    assert str(failure.value) == "error: the stack is currently locked by 1 lock(s)"


def test_a_secrets_manager_that_cannot_be_used_is_told_with_its_place(engine: Engine) -> None:
    with pytest.raises(PulumiFailed) as failure:
        engine.select("salted", sandboxed=True)
    assert "encryptionsalt, secretsprovider and encryptedkey in stacks/Pulumi.salted.yaml" in str(failure.value)


def test_the_encrypted_values_of_a_stack_are_known(engine: Engine) -> None:
    assert [json.loads(value) for value in engine.secrets(engine.select("a", sandboxed=True))] == [{"ngc": "a"}]


@pytest.mark.parametrize(
    ("shell", "sandboxed", "kubeconfig"),
    [("of-the-shell", False, "of-the-shell"), (None, False, None), ("of-the-shell", True, "of-the-sandbox")],
)
def test_only_a_stack_for_the_sandbox_has_the_sandboxs_kubeconfig(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, shell: str | None, sandboxed: bool, kubeconfig: str | None
) -> None:
    monkeypatch.delenv("KUBECONFIG")
    if shell:
        monkeypatch.setenv("KUBECONFIG", shell)
    assert engine.environment(sandboxed=sandboxed).get("KUBECONFIG") == kubeconfig


def test_an_event_that_cannot_be_read_is_said_to_be_one_and_not_shown() -> None:
    said: list[str] = []
    with unreadable_events(said.append):
        warnings.warn("Failed to parse engine event\nEvent: a secret", stacklevel=1)

    (line,) = said
    assert "secret" not in line
