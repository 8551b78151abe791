"""Runs the Pulumi CLI for one stack of a clone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from headroom import tools
from headroom.automation import interrupted
from headroom.automation.sandboxed import ClusterMemory
from headroom.paths import Clone
from headroom.plugins import install
from headroom.settings import load
from headroom.settings.cluster import KwokCluster

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
        self._settings = load(clone.root / "stacks" / f"Pulumi.{stack}.yaml")
        self._pulumi = tools.require("pulumi")["pulumi"]
        install.install(clone)
        self._environment = install.environment(clone)

    def run(self, operation: str) -> int:
        """Runs `preview`, `up`, `refresh` or `destroy`, streaming its output; returns Pulumi's exit status."""
        self._select()
        if isinstance(self._settings.cluster, KwokCluster) and not self._sandbox_is_known(operation):
            return 0
        self._heal()
        confirmed = () if operation == "preview" else _CONFIRMED
        return subprocess.call(self._command(operation, "--stack", self._stack, *confirmed), cwd=self._clone.root, env=self._environment)

    def _sandbox_is_known(self, operation: str) -> bool:
        """Forgets what a sandbox held that is gone. False when nothing is left to do."""
        memory = ClusterMemory(self._clone, self._stack)
        identity = memory.identity()
        if identity is None and operation == "destroy":
            self._report("the sandbox is not running, and what was in it is gone with it: forgetting the stack's state")
            self._quiet("stack", "rm", self._stack, "--yes", "--force", "--preserve-config")
            return False
        if memory.remembered is not None and identity not in (None, memory.remembered):
            self._report("this is a new sandbox: forgetting what the former one held")
            self._quiet("stack", "rm", self._stack, "--yes", "--force", "--preserve-config")
            self._select()
        if identity is not None:
            memory.remember(identity)
        return True

    def _heal(self) -> None:
        """Takes back the lock of a run that is gone, and brings into the state what such a run had begun to create."""
        for lock in interrupted.stale_locks(self._clone.backend, self._stack):
            self._report(f"an earlier run ended without releasing its lock (process {lock.pid}): released")
            lock.path.unlink(missing_ok=True)
        creates = interrupted.pending_creates(self._export())
        if creates:
            self._report(f"an earlier run was interrupted while creating {len(creates)} objects: looking which of them exist")
            for create in filter(self._exists, creates):
                pair = ("--import-pending-creates", create.urn, "--import-pending-creates", create.id)
                self._quiet("refresh", "--stack", self._stack, *_CONFIRMED, *pair)
            self._quiet("refresh", "--stack", self._stack, *_CONFIRMED, "--clear-pending-creates")

    def _exists(self, create: interrupted.PendingCreate) -> bool:
        kubectl = tools.require("kubectl")["kubectl"]
        namespace = ["--namespace", create.namespace] if create.namespace else []
        command = [str(kubectl), "--kubeconfig", str(self._clone.kubeconfig), "get", create.resource, create.name, *namespace]
        return subprocess.run(command, capture_output=True, timeout=30).returncode == 0

    def _select(self) -> None:
        command = self._command("stack", "select", self._stack)
        if subprocess.run(command, cwd=self._clone.root, env=self._environment, capture_output=True).returncode:
            self._quiet("stack", "init", self._stack)

    def _export(self) -> dict[str, Any]:
        return json.loads(self._quiet("stack", "export", "--stack", self._stack))

    def _quiet(self, *arguments: str) -> str:
        done = subprocess.run(self._command(*arguments), cwd=self._clone.root, env=self._environment, capture_output=True, text=True)
        if done.returncode:
            raise PulumiFailed(f"pulumi {' '.join(arguments[:2])} failed:\n{done.stdout}{done.stderr}".rstrip())
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return [str(self._pulumi), *arguments, "--non-interactive"]
