"""A small Pulumi project of one stack, whose program registers the objects it is given, run by the real CLI."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from tests import engine_steps, key_service

PROGRAM = """
import json, pathlib
import pulumi

for item in json.loads(pathlib.Path("objects.json").read_text()):
    body, timeout = item["body"], item["timeout"]
    group = body["apiVersion"] if "/" in body["apiVersion"] else "core/" + body["apiVersion"]
    timeouts = pulumi.CustomTimeouts(create=timeout, update=timeout, delete=timeout) if timeout else None
    pulumi.CustomResource(f"kubernetes:{group}:{body['kind']}", item["name"], body, pulumi.ResourceOptions(custom_timeouts=timeouts))
"""

LONGEST_RUN = 120.0


@dataclass(frozen=True)
class Registered:
    """A resource of the program: its logical name, the object, and the timeout (`8s`) of all its operations."""

    name: str
    body: dict[str, Any]
    timeout: str = ""


@dataclass
class Run:
    """What one command of the CLI told."""

    ok: bool
    seconds: float
    output: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def diagnostics(self, severity: str, name: str) -> list[str]:
        """What it said about a resource and left standing."""
        return [text for told, text in self._told(name, ephemeral=False) if told == severity]

    def progress(self, name: str) -> list[str]:
        return [text for _, text in self._told(name, ephemeral=True)]

    def seconds_of(self, name: str) -> float:
        """From the start of the operation on a resource to its end."""
        times = [event["timestamp"] for event in self.events if any(_urn(part).endswith(f"::{name}") for part in event.values())]
        return times[-1] - times[0]

    def _told(self, name: str, *, ephemeral: bool) -> list[tuple[str, str]]:
        told = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        ours = [each for each in told if each.get("urn", "").endswith(f"::{name}") and bool(each.get("ephemeral")) == ephemeral]
        return [(each["severity"], each["message"].strip()) for each in ours]


class Project:
    """`directory` is empty and of this project alone; `environment` lets the CLI find its plugins, its backend and the cluster."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        state = {"PULUMI_BACKEND_URL": f"file://{directory}/state"}
        self._environment = {**environment, **key_service.environment(), **state, **engine_steps.ENVIRONMENT}
        (directory / "state").mkdir()
        virtualenv = Path(sys.executable).parent.parent
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(virtualenv)}}
        (directory / "Pulumi.yaml").write_text(json.dumps({"name": "awaiting", "runtime": runtime}))
        (directory / "__main__.py").write_text(PROGRAM)
        self._pulumi("stack", "init", "test", f"--secrets-provider={key_service.SECRETS_PROVIDER}")

    def up(self, *objects: Registered, interrupt_at: str = "") -> Run:
        """`interrupt_at`: Ctrl-C as soon as a line of progress contains this text."""
        return self._run("up", objects, interrupt_at, "--continue-on-error")

    def destroy(self, *, interrupt_at: str = "") -> Run:
        return self._run("destroy", None, interrupt_at, "--continue-on-error")

    def refresh(self) -> Run:
        return self._run("refresh", None, "")

    def state(self) -> dict[str, dict[str, Any]]:
        """The Kubernetes resources of the stack by logical name."""
        exported = json.loads(self._pulumi("stack", "export"))
        resources = exported["deployment"].get("resources", [])
        return {each["urn"].rpartition("::")[2]: each for each in resources if each["type"].startswith("kubernetes:")}

    def _run(self, command: str, objects: Sequence[Registered] | None, interrupt_at: str, *arguments: str) -> Run:
        if objects is not None:
            program = [{"name": each.name, "body": each.body, "timeout": each.timeout} for each in objects]
            (self._directory / "objects.json").write_text(json.dumps(program))
        log, output = self._directory / "events.jsonl", self._directory / "output.txt"
        log.unlink(missing_ok=True)
        argv = ["pulumi", command, "--stack=test", "--yes", "--non-interactive", "--color=never", "--skip-preview", f"--event-log={log}"]
        began = time.monotonic()
        with output.open("w") as sink, self._started([*argv, *arguments], sink) as process:
            _attend(process, log, interrupt_at)
        events = [json.loads(line) for line in log.read_text().splitlines()]
        return Run(process.returncode == 0, time.monotonic() - began, output.read_text(), events)

    def _started(self, argv: Sequence[str], sink: TextIO) -> subprocess.Popen[bytes]:
        """In a process group of its own, as a shell starts it."""
        return subprocess.Popen(
            argv,
            cwd=self._directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            process_group=0,
        )

    def _pulumi(self, *arguments: str) -> str:
        run = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self._directory,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout


def _attend(process: subprocess.Popen[bytes], log: Path, interrupt_at: str) -> None:
    """Waits for the end, with one Ctrl-C on the way: every process of the group hears it."""
    deadline = time.monotonic() + LONGEST_RUN
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if interrupt_at and any(interrupt_at in line for line in _progress(log)):
                os.killpg(process.pid, signal.SIGINT)
                interrupt_at = ""
            time.sleep(0.1)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _urn(part: Any) -> str:
    """Of the metadata of an engine event."""
    return part.get("metadata", {}).get("urn", "") if isinstance(part, dict) else ""


def _progress(log: Path) -> list[str]:
    """Complete lines of the event log so far, as text."""
    return log.read_text().splitlines() if log.exists() else []
