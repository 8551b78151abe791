"""What is started for a program or a plugin: argument lists and environments, as pure functions of the engine's requests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ALREADY_REPORTED = 32
"""Exit code of a program whose error is on the user's screen already."""

_POLICY = "analyzer"


def run(executor: Path, engine: str, request: Any) -> list[str]:
    """Arguments of the interpreter that runs a program (a RunRequest)."""
    options = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd or request.info.program_directory,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
        "organization": request.organization,
    }
    named = [part for name, value in options.items() if value for part in (f"--{name}", value)]
    return ["-u", str(executor), *named, request.program or request.info.entry_point or ".", *request.args]


def configuration(request: Any) -> dict[str, str]:
    """Environment variables with the stack's configuration (a RunRequest); secret values are in them, as the SDK wants it."""
    return {
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }


def run_plugin(kind: str, directory: str, arguments: Sequence[str]) -> list[str]:
    """Arguments of the interpreter that runs a plugin: policy packs through the SDK's own runner, others as a program."""
    if kind == _POLICY:
        return ["-u", "-m", "pulumi.policy", *arguments, directory]
    return ["-u", directory, *arguments]


def environment(entries: Sequence[str]) -> dict[str, str]:
    """`["A=1", …]` as a mapping; later entries win."""
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def failure(code: int) -> Mapping[str, Any]:
    """Fields of a RunResponse for a program that ended with `code`."""
    if code == 0:
        return {}
    if code == ALREADY_REPORTED:
        return {"bail": True}
    how = f"was ended by signal {-code}" if code < 0 else f"exited with non-zero exit code: {code}"
    return {"error": f"Program {how}"}


def install(virtualenv: Path | None, python: Path, directory: Path) -> list[list[str | Path]]:
    """The commands that make a program's virtual environment where it is missing and install its requirements.txt."""
    steps: list[list[str | Path]] = []
    runs = python
    if virtualenv is not None:
        runs = virtualenv / "bin" / "python"
        if not runs.exists():
            steps.append([python, "-m", "venv", virtualenv])
    requirements = directory / "requirements.txt"
    if requirements.exists():
        steps.append([runs, "-m", "pip", "install", "--disable-pip-version-check", "-r", requirements])
    return steps
