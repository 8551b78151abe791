"""A clone of its own with our language host in it, and small programs run in it by the real Pulumi CLI."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom import tools
from headroom.paths import Clone
from headroom.plugins.install import environment, install
from tests import key_service

COMMAND_SECONDS = 120


@dataclass(frozen=True)
class Project:
    """A Pulumi project with one stack, `dev`."""

    directory: Path
    env: Mapping[str, str]

    def runs_on(self, **options: str) -> None:
        """Gives the project these runtime options."""
        name = f"project-{self.directory.name.replace('_', '-')}"
        (self.directory / "Pulumi.yaml").write_text(described(name, **options))

    def program(self, source: str) -> None:
        (self.directory / "__main__.py").write_text(textwrap.dedent(source))

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.directory,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command left running, in a process group of its own, its output thrown away."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.directory,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )


def described(name: str, **options: str) -> str:
    """A Pulumi.yaml or PulumiPolicy.yaml."""
    lines = "".join(f"    {key}: {value}\n" for key, value in options.items())
    return f"name: {name}\nruntime:\n  name: python\n  options:\n{lines}"


@pytest.fixture(scope="session")
def clone_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    tools.require("pulumi")
    clone = Clone(tmp_path_factory.mktemp("clone"))
    base = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(base):
            patch.delenv(name)
        install(clone)
        return environment(clone) | key_service.environment()


@pytest.fixture
def project(tmp_path: Path, clone_env: dict[str, str]) -> Project:
    made = Project(tmp_path, clone_env)
    made.runs_on(virtualenv=sys.prefix)
    made.program("")
    assert made.pulumi("stack", "init", "dev", f"--secrets-provider={key_service.SECRETS_PROVIDER}").returncode == 0
    return made
