"""Pulumi for the stacks of one clone: the Automation API, and its CLI where the API would do more than is asked.

By the CLI: the export and import of a state. The API exports with all secrets in plain text, and imports by way of a file that it leaves
behind when it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation
from pulumi.automation import EngineEvent
from pulumi.automation._stack import StackInitMode

from headroom import tools
from headroom.paths import Clone
from headroom.plugins import install

Listener = Callable[[EngineEvent], None]


class PulumiFailed(Exception):
    """A Pulumi command failed; its text is Pulumi's own."""


class _Stack(automation.Stack):
    def outputs(self) -> automation.OutputMap:
        """None: after an update the API asks for them with all secrets in plain text, and they are in the events already."""
        return {}


class _Workspace(automation.LocalWorkspace):
    """Every command names its stack: one that is known to be there need not be selected, which takes a run of the CLI."""

    there: Collection[str] = ()

    def select_stack(self, stack_name: str) -> None:
        if stack_name not in self.there:
            super().select_stack(stack_name)


@dataclass(frozen=True)
class Options:
    """What an operation is run with; each operation takes what it knows of."""

    policy_packs: tuple[Path, ...] = ()
    save_plan: Path | None = None
    plan: Path | None = None
    refresh: bool = False


def _secrets_provider(stack_file: Path) -> str | None:
    """The one that the file names. Unless it is given to the command that makes the stack, that takes a passphrase and the name away."""
    return yaml.safe_load(stack_file.read_text()).get("secretsprovider") if stack_file.is_file() else None


class Engine:
    """Pulumi with the environment that plain `pulumi` commands get from `.headroom/env.sh`.

    Raises `ToolError` when there is no Pulumi to be had.
    """

    def __init__(self, clone: Clone):
        self._clone = clone
        self._there: frozenset[str] = frozenset()
        tools.require("pulumi")
        self.official = install.install(clone).official

    @cached_property
    def _command(self) -> automation.PulumiCommand:
        # The CLI that `install` has put there, of whatever version it is: that was judged when it was found. It is asked for it all the
        # same, in our own environment, and would keep a log of that in the user's home.
        with _environment(self.environment(sandboxed=True)):
            return automation.PulumiCommand(root=str(self._clone.state), skip_version_check=True)

    def environment(self, *, sandboxed: bool) -> dict[str, str]:
        """Of a stack. One that is not for the sandbox has the kubeconfig that the driver was called with, or none: never the sandbox's."""
        ours = install.environment(self._clone)
        if not sandboxed:
            del ours["KUBECONFIG"]
            ours |= {name: value for name, value in os.environ.items() if name == "KUBECONFIG"}
        return ours

    def look(self) -> None:
        """Notes which stacks are there. A listing reads the state of each: where one cannot be read, each stack is asked for by itself."""
        with suppress(automation.CommandError):
            self._there = frozenset(stack.name for stack in self._workspace(sandboxed=True).list_stacks())

    def select(self, name: str, *, sandboxed: bool) -> automation.Stack:
        """The stack, made where there is none. One at a time: the CLI writes into one file which one it has selected or made."""
        workspace = self._workspace(sandboxed=sandboxed, secrets_provider=_secrets_provider(self._clone.stack_file(name)))
        workspace.there = self._there
        try:
            # `Stack.create_or_select` makes a `Stack`, on whatever class it is called.
            return _Stack(name, workspace, StackInitMode.CREATE_OR_SELECT)
        except automation.CommandError as failure:
            raise PulumiFailed(_with_remedy(said(failure), self._clone.stack_file(name))) from None

    def _workspace(self, *, sandboxed: bool, secrets_provider: str | None = None) -> _Workspace:
        return _Workspace(
            work_dir=str(self._clone.root),
            env_vars=self.environment(sandboxed=sandboxed),
            pulumi_command=self._command,
            secrets_provider=secrets_provider,
        )

    def preview(self, stack: automation.Stack, hear: Listener, options: Options) -> None:
        packs = [str(pack) for pack in options.policy_packs]
        plan = str(options.save_plan) if options.save_plan else None
        self._run(stack.preview, hear, policy_packs=packs, plan=plan, refresh=options.refresh)

    def up(self, stack: automation.Stack, hear: Listener, options: Options) -> None:
        plan = str(options.plan) if options.plan else None
        self._run(stack.up, hear, plan=plan, refresh=options.refresh, show_secrets=False)

    def drift(self, stack: automation.Stack, hear: Listener, options: Options) -> None:
        self._run(stack.preview_refresh, hear)

    def destroy(self, stack: automation.Stack, hear: Listener, options: Options) -> None:
        self._run(stack.destroy, hear, refresh=options.refresh, show_secrets=False)

    def _run(self, operation: Callable[..., Any], hear: Listener, **options: Any) -> None:
        """Raises `PulumiFailed` with what the CLI said on standard error, and what `hear` raised once Pulumi has ended."""
        errors: list[str] = []
        unheard: list[BaseException] = []

        def heard(event: EngineEvent) -> None:
            # In a thread of the API's, which would end with an exception: Pulumi would wait for ever to be read.
            try:
                hear(event)
            except BaseException as failure:  # noqa: BLE001  (rich ends the process where nobody reads what it writes)
                unheard.append(failure)

        try:
            operation(on_event=heard, on_error=errors.append, color="never", suppress_outputs=True, suppress_progress=True, **options)
        except automation.CommandError:
            raise PulumiFailed("\n".join(errors).strip()) from None
        except RuntimeError as failure:
            raise PulumiFailed(str(failure)) from None
        if unheard:
            raise unheard[0]

    def forget(self, stack: automation.Stack) -> None:
        """Drops the state of a stack whose resources are gone with their cluster. The stack's file stays."""
        try:
            stack.workspace.remove_stack(stack.name, force=True, preserve_config=True)
        except automation.CommandError as failure:
            raise PulumiFailed(said(failure)) from None
        self._there -= {stack.name}

    def export(self, stack: automation.Stack) -> dict[str, Any]:
        """The state, its secrets encrypted."""
        return json.loads(self._cli(stack, "stack", "export"))

    def restore(self, stack: automation.Stack, state: Mapping[str, Any]) -> None:
        self._cli(stack, "stack", "import", stdin=json.dumps(state))

    def secrets(self, stack: automation.Stack) -> list[str]:
        """The values of the stack's file that are encrypted there, decrypted, objects as JSON: for what must not be shown."""
        try:
            return [entry.value for entry in stack.get_all_config().values() if entry.secret]
        except automation.CommandError as failure:
            raise PulumiFailed(said(failure)) from None

    def _cli(self, stack: automation.Stack, *arguments: str, stdin: str | None = None) -> str:
        command = [self._command.command, *arguments, "--stack", stack.name, "--non-interactive"]
        environment = {**os.environ, **stack.workspace.env_vars}
        done = subprocess.run(command, cwd=self._clone.root, env=environment, input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise PulumiFailed(f"pulumi {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
        return done.stdout


def said(failure: automation.CommandError) -> str:
    """What the CLI said on standard error. The API gives it within a text that has the standard output too."""
    return str(failure).rpartition(" stderr: ")[2].strip()


def _with_remedy(text: str, stack_file: Path) -> str:
    """Pulumi does not say where the name or the key of a secrets manager stands that it cannot use."""
    if "secrets manager" not in text:
        return text
    return (
        f"{text}\nencryptionsalt, secretsprovider and encryptedkey in {stack_file.parent.name}/{stack_file.name} say who keeps the stack's "
        "secrets. Leave all three out of a new stack, and its first `up` writes them"
    )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def unreadable_events(say: Callable[[str], None]) -> Iterator[None]:
    """Within it an event that the API cannot read is said to be one; the API would show it whole, with whatever it holds."""
    before = warnings.showwarning

    def shown(message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any) -> None:
        if "engine event" in str(message) or "event stream" in str(message):
            say("an event of the engine is of a kind that this version of the Pulumi SDK does not know: what is told may be incomplete")
        else:
            before(message, category, filename, lineno, *rest)

    warnings.showwarning = shown
    try:
        yield
    finally:
        warnings.showwarning = before
