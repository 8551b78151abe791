"""A checkout with an account on every cloud that records and makes nothing, whose clusters are one sandbox."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from headroom.catalog.names import GPU_TAINT, POOL_NODE_LABEL
from headroom.paths import Clone
from headroom.plugins.recording.ledger import Ledger
from headroom.sandbox import Sandbox
from tests.engine_steps import Step, read

LONGEST_RUN = 900
LOGINS = ("aws", "gke-gcloud-auth-plugin", "kubelogin")
"""The programs that kubeconfigs of the clouds call for a credential."""


@dataclass
class Run:
    ok: bool
    output: str
    steps: list[Step] = field(default_factory=list)

    def changes(self) -> list[Step]:
        """All but what stays and what is only looked at."""
        return [step for step in self.steps if step.operation not in ("same", "read", "refresh")]

    def of(self, name: str, *, type_: str) -> list[str]:
        """Everything done with one resource, in order; `replace` says only that there is more."""
        return [step.operation for step in self.steps if (step.name, step.type) == (name, type_) and step.operation != "replace"]


@dataclass(frozen=True)
class Account:
    clone: Clone
    sandbox: Sandbox
    directory: Path
    """The recording providers' own."""
    programs: Path
    """The clouds' programs for credentials are put there."""
    environment: Mapping[str, str]

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.directory / "steps.jsonl")

    def begin(self, pool: str) -> None:
        """Another cluster, with nothing in it but nodes for the platform and for a server on `pool`."""
        for name in ("drift.json", "steps.jsonl", "logins.txt"):
            (self.directory / name).unlink(missing_ok=True)
        self.sandbox.down(report=lambda _: None)
        self.sandbox.up(bare=True, report=lambda _: None)
        shutil.copy2(self.sandbox.kubeconfig, self.directory / "kubeconfig")
        _fake_logins(self.programs, self.directory / "logins.txt", self.sandbox.kubeconfig)
        self._add_nodes(pool)

    def write_stack(self, name: str, content: Mapping[str, Any]) -> None:
        self.clone.stack_file(name).write_text(yaml.safe_dump(dict(content), sort_keys=False))

    def drift(self, **resources: dict[str, Any]) -> None:
        """Changes resources behind Pulumi's back, by their logical names."""
        (self.directory / "drift.json").write_text(json.dumps(resources))

    def pulumi(self, *arguments: str) -> Run:
        """A plain command of the CLI, run to its end."""
        log = self.directory / "events.jsonl"
        log.unlink(missing_ok=True)
        run = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never", *([f"--event-log={log}"] if arguments[0] != "stack" else [])],
            cwd=self.clone.root,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_RUN,
        )
        return Run(run.returncode == 0, run.stdout, list(read(log)))

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        run = subprocess.run(
            ["kubectl", *arguments], env=dict(self.environment), input=given, capture_output=True, text=True, timeout=60, check=False
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def _add_nodes(self, pool: str) -> None:
        """What the cloud's pools would have brought: a node for the platform, one with a GPU for the server."""
        gpu = {"nvidia.com/gpu": "1"}
        nodes = [_node("cpu", {}, [], {}), _node("gpu", {POOL_NODE_LABEL: pool}, [GPU_TAINT], gpu)]
        self.kubectl("apply", "--filename=-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes}))

    def logins(self) -> list[str]:
        """How the programs for credentials were called."""
        log = self.directory / "logins.txt"
        return sorted(set(log.read_text().splitlines())) if log.exists() else []


def _fake_logins(directory: Path, log: Path, kubeconfig: Path) -> None:
    """Programs in `directory` that say who the sandbox's administrator is, whatever cloud asks."""
    (user,) = yaml.safe_load(kubeconfig.read_text())["users"]
    said = directory / "credential.py"
    said.write_text(_CREDENTIAL.format(log=str(log), user=user["user"]))
    for name in LOGINS:
        program = directory / name
        program.write_text(f'#!/bin/sh\nexec python3 -S {said} {name} "$@"\n')
        program.chmod(0o755)


_CREDENTIAL = """
import base64, json, os, sys

with open({log!r}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
user = {user!r}
status = {{
    field: base64.b64decode(user[key]).decode()
    for field, key in (("clientCertificateData", "client-certificate-data"), ("clientKeyData", "client-key-data"))
}}
version = json.loads(os.environ.get("KUBERNETES_EXEC_INFO", "{{}}")).get("apiVersion", "client.authentication.k8s.io/v1beta1")
print(json.dumps({{"apiVersion": version, "kind": "ExecCredential", "status": status}}))
"""


def _node(name: str, labels: dict[str, str], taints: list[dict[str, str]], devices: dict[str, str]) -> dict[str, Any]:
    shape = {"cpu": "64", "memory": "256Gi", "pods": "110", **devices}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"taints": taints},
        "status": {"capacity": shape, "allocatable": shape},
    }
