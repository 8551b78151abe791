"""A checkout of the project in a directory of its own, with its own sandbox, and plain `pulumi` commands in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.paths import Clone
from tests import key_service

ROOT = Path(__file__).resolve().parents[2]
_PARTS = ("Pulumi.yaml", "__main__.py", "components", "headroom", "policy", "stacks", "toolchain")
_LONGEST_RUN = 600
_LONGEST_SCENARIO = 1500


@dataclass(frozen=True)
class Checkout:
    """`environment` is what sourcing `.headroom/env.sh` gives a shell."""

    clone: Clone
    environment: Mapping[str, str]

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A plain command of the CLI, run to its end; its two outputs are one."""
        return self._run("pulumi", *arguments, "--non-interactive", "--color=never")

    def init(self, stack: str) -> None:
        done = self.pulumi("stack", "init", stack, f"--secrets-provider={key_service.SECRETS_PROVIDER}")
        assert done.returncode == 0, done.stdout

    def headroom(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(sys.executable, "-m", "headroom", *arguments)

    def scenario(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(sys.executable, "-m", "headroom", "sandbox", "scenario", *arguments, longest=_LONGEST_SCENARIO)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """A command of the CLI left running, in a process group of its own."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.clone.root,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def objects(self, kind: str, namespace: str | None = None) -> list[dict[str, Any]]:
        where = ["--namespace", namespace] if namespace else ["--all-namespaces"]
        return json.loads(self.kubectl("get", kind, *where, "--output", "json"))["items"]

    def kubectl(self, *arguments: str) -> str:
        done = self._run("kubectl", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _run(self, *command: str, longest: float = _LONGEST_RUN) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.clone.root,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=longest,
        )


def copy(directory: Path) -> Clone:
    """The project's own files, as they are in the working tree, compiled already, and its Python environment."""
    for part in _PARTS:
        source, target = ROOT / part, directory / part
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    (directory / ".venv").symlink_to(Path(sys.prefix))
    return Clone(directory)


def clean_environment() -> dict[str, str]:
    """The process's own, without what an outer Pulumi or clone set; modules come from the working tree either way."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "HEADROOM_", "KUBECONFIG"))}
    return own | key_service.environment()
