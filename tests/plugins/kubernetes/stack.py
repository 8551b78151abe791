"""A stack of its own for a test, run by the real Pulumi CLI with a program given as a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi import automation
from pulumi.automation import OpType, errors, events
from pulumi.automation._stack import StackInitMode

from tests import key_service

Object = dict[str, Any]
Program = Callable[[], None]

PLUGIN_VERSION = version("pulumi-kubernetes")


@dataclass(frozen=True)
class Step:
    """What the engine did, or would do, with one resource."""

    operation: str
    paths: dict[str, str]

    @property
    def replaces(self) -> bool:
        return self.operation in ("replace", "create-replacement")


@dataclass
class Outcome:
    ok: bool
    order: list[tuple[str, str]] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def error(self) -> str:
        return "\n".join(self.errors)

    def operations(self, name: str) -> list[str]:
        """Everything done with one resource, in order."""
        return [operation for operation, about in self.order if about == name]


def resource(name: str, body: Object, **options: Any) -> pulumi.CustomResource:
    """`body` as a resource: exactly these properties reach the plugin."""
    group = body["apiVersion"] if "/" in body["apiVersion"] else f"core/{body['apiVersion']}"
    token = f"kubernetes:{group}:{body['kind']}"
    return pulumi.CustomResource(token, name, body, pulumi.ResourceOptions(version=PLUGIN_VERSION, **options))


def provider(name: str = "p", **options: Any) -> pulumi.ProviderResource:
    return pulumi.ProviderResource("kubernetes", name, options, pulumi.ResourceOptions(version=PLUGIN_VERSION))


def objects(**bodies: Object) -> Program:
    """A program of these resources, by logical name."""

    def program() -> None:
        for name, body in bodies.items():
            resource(name, body)

    return program


@cache
def _cli(clone: str) -> automation.PulumiCommand:
    return automation.PulumiCommand(root=f"{clone}/.headroom", skip_version_check=True)


class _Lean(automation.Stack):
    """Without the outputs and the history after every operation: the events have told, and each costs starts of the CLI."""

    def outputs(self, show_secrets: bool = True) -> automation.OutputMap:
        return {}

    def info(self, show_secrets: bool | None = None) -> automation.UpdateSummary:
        return cast(automation.UpdateSummary, object())


class Stack:
    """`directory` is empty and of this stack alone; `environment` lets the CLI find its plugins and the cluster."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._state = directory / "state"
        self._state.mkdir()
        settings = {**environment, **key_service.environment(), "PULUMI_BACKEND_URL": f"file://{self._state}"}
        workspace = automation.LocalWorkspace(
            work_dir=str(directory),
            program=lambda: None,
            env_vars=settings,
            project_settings=automation.ProjectSettings(name="suite", runtime="python"),
            pulumi_command=_cli(environment["HEADROOM_ROOT"]),
            secrets_provider=key_service.SECRETS_PROVIDER,
        )
        self._stack = _Lean("test", workspace, StackInitMode.CREATE)

    def up(self, program: Program) -> Outcome:
        return self._run(self._stack.up, program)

    def preview(self, program: Program) -> Outcome:
        return self._run(self._stack.preview, program)

    def refresh(self) -> Outcome:
        return self._run(self._stack.refresh)

    def destroy(self) -> Outcome:
        return self._run(self._stack.destroy)

    def state(self) -> dict[str, Object]:
        """The resources by logical name, as they stand in the state file: secrets are encrypted there."""
        latest = json.loads(self.state_text())["checkpoint"]["latest"]
        return {each["urn"].rpartition("::")[2]: each for each in latest.get("resources", [])}

    def state_text(self) -> str:
        return (self._state / ".pulumi" / "stacks" / "suite" / "test.json").read_text()

    def _run(self, operation: Callable[..., Any], program: Program | None = None) -> Outcome:
        if program is not None:
            self._stack.workspace.program = program
        outcome = Outcome(ok=True)
        try:
            operation(on_event=lambda event: _note(event, outcome), color="never", suppress_progress=True)
        except errors.CommandError:
            outcome.ok = False
        return outcome


def _note(event: events.EngineEvent, outcome: Outcome) -> None:
    if event.diagnostic_event and event.diagnostic_event.severity == "error":
        outcome.errors.append(event.diagnostic_event.message.strip())
    step = event.resource_pre_event
    if step is None or step.metadata.type.startswith("pulumi:pulumi:"):
        return
    name, operation = step.metadata.urn.rpartition("::")[2], _text(step.metadata.op)
    outcome.order.append((operation, name))
    if operation not in ("create-replacement", "delete-replaced"):
        paths = {path: _text(each.diff_kind) for path, each in (step.metadata.detailed_diff or {}).items()}
        outcome.steps[name] = Step(operation, paths)


def _text(value: OpType | Any) -> str:
    return str(getattr(value, "value", value))
