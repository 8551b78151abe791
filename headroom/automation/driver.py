"""Runs the Pulumi CLI for one stack of a clone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from headroom import tools
from headroom.automation import interrupted
from headroom.automation.sandboxed import ClusterMemory, Kubectl
from headroom.desired import render
from headroom.paths import Clone
from headroom.plugins import install
from headroom.settings import Stack, load
from headroom.settings.cluster import KwokCluster
from headroom.settings.platform import Mode

_CONFIRMED = ("--yes", "--skip-preview")


class PulumiFailed(Exception):
    """A Pulumi command that was needed on the way failed; its text is Pulumi's own."""


class Driver:
    """Pulumi with the environment that plain `pulumi` commands get from `.headroom/env.sh`.

    Raises `InvalidStack` before anything runs when the stack's file is wrong, and `ToolError` when there is no Pulumi to be had.
    """

    def __init__(self, clone: Clone, stack: str, report: Callable[[str], None]):
        self._clone = clone
        self._stack = stack
        self._report = report
        self._settings = load(clone.stack_file(stack))
        self._pulumi = tools.require("pulumi")["pulumi"]
        if not install.install(clone).official and _uses_helm(self._settings):
            tools.require("helm")
        self._environment = install.environment(clone)

    def run(self, operation: str) -> int:
        """Runs `preview`, `up`, `refresh` or `destroy`, streaming its output; returns Pulumi's exit status."""
        self._recover_backend()
        self._select()
        if isinstance(self._settings.cluster, KwokCluster) and not self._reconcile_with_sandbox(operation):
            return 0
        arguments = (operation, "--stack", self._stack, *(() if operation == "preview" else _CONFIRMED))
        # At a terminal Pulumi redraws its tree of resources; elsewhere its dots would only fill a log.
        command = [str(self._pulumi), *arguments] if sys.stdout.isatty() else self._command(*arguments, "--suppress-progress")
        return subprocess.call(command, cwd=self._clone.root, env=self._environment)

    def _recover_backend(self) -> None:
        """Undoes what a run that was killed did to the files of the clone's own backend."""
        for lock in interrupted.stale_locks(self._clone.backend, self._stack):
            self._report(f"an earlier run ended without releasing its lock (process {lock.pid}): released")
            lock.path.unlink(missing_ok=True)
        if not interrupted.running(self._clone.backend, self._stack) and interrupted.mend_checkpoint(self._clone.backend, self._stack):
            self._report("an earlier run was cut off while it wrote the stack's state: went back to the state before that")

    def _reconcile_with_sandbox(self, operation: str) -> bool:
        """Makes the state speak of the sandbox that is there. False when nothing is left to do."""
        kubectl, memory = Kubectl(self._clone.kubeconfig), ClusterMemory(self._clone, self._stack)
        identity = kubectl.identity()
        if identity is None:
            if operation != "destroy":
                raise PulumiFailed("the sandbox is not running: start it with `headroom sandbox up`, or run `make up`")
            self._report("the sandbox is not running, and what was in it is gone with it")
            self._forget()
            return False
        if memory.remembered not in (None, identity):
            self._report("this is a new sandbox: what the former one held is gone with it")
            self._forget()
            self._select()
        memory.remember(identity)
        if operation in ("up", "destroy"):
            self._clear_what_was_cut_off(kubectl)
        return True

    def _clear_what_was_cut_off(self, kubectl: Kubectl) -> None:
        """A run that was killed may have created objects that no state knows: in the sandbox they are removed and made again."""
        state = self._export()
        if settled := interrupted.without_pending_creates(state):
            self._quiet("stack", "import", "--stack", self._stack, stdin=json.dumps(settled))
        left = interrupted.unknown_to(state, kubectl.existing(render(self._settings).objects))
        if left:
            self._report(f"an earlier run was cut off after it created {len(left)} objects: removing them, to be made again")
            kubectl.delete(left)

    def _forget(self) -> None:
        self._quiet("stack", "rm", self._stack, "--yes", "--force", "--preserve-config")

    def _select(self) -> None:
        command = self._command("stack", "select", self._stack)
        if subprocess.run(command, cwd=self._clone.root, env=self._environment, capture_output=True).returncode:
            self._quiet("stack", "init", self._stack)

    def _export(self) -> dict[str, Any]:
        return json.loads(self._quiet("stack", "export", "--stack", self._stack))

    def _quiet(self, *arguments: str, stdin: str | None = None) -> str:
        command = self._command(*arguments)
        done = subprocess.run(command, cwd=self._clone.root, env=self._environment, input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise PulumiFailed(f"pulumi {' '.join(arguments[:2])} failed:\n{done.stdout}{done.stderr}".rstrip())
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return [str(self._pulumi), *arguments, "--non-interactive"]


def _uses_helm(stack: Stack) -> bool:
    """Whether an add-on is a Helm release. Pulumi's own plugin has Helm in it, our stand-in runs it."""
    return any(addon.mode is Mode.HELM for addon in stack.platform.add_ons.values())
