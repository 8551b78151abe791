"""What is installed beside a program: asked of its own interpreter, which need not be the host's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from headroom.plugins.python_host.interpreter import Interpreter, InterpreterError

_ASK_SECONDS = 60

# These run in the program's interpreter: standard library only, and an answer as JSON on standard output.
_ABOUT = "import json, platform, sys; print(json.dumps([sys.executable, platform.python_version()]))"
_PACKAGES = """
import importlib.metadata, json
print(json.dumps([(found.metadata["Name"], found.version) for found in importlib.metadata.distributions()]))
"""
_MANIFESTS = """
import importlib.metadata, json, pathlib, sys
found = []
for directory in map(pathlib.Path, sys.path):
    for manifest in directory.glob("*/pulumi-plugin.json"):
        about = json.loads(manifest.read_text())
        if about.get("resource") and not about.get("version"):
            about["version"] = importlib.metadata.version(manifest.parent.name)
        found.append(about)
print(json.dumps(found))
"""


class Plugin(NamedTuple):
    """A resource plugin that an installed SDK asks for."""

    name: str
    version: str
    server: str


def about(interpreter: Interpreter, environment: Mapping[str, str]) -> tuple[str, str]:
    """The interpreter's own path and version. This and what follows raise `InterpreterError` when it cannot answer."""
    executable, version = _ask(interpreter, environment, _ABOUT)
    return executable, version


def packages(interpreter: Interpreter, environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names and versions of every installed distribution, sorted; one that pip left half removed has neither."""
    return sorted((name, version) for name, version in _ask(interpreter, environment, _PACKAGES) if name and version)


def plugins(interpreter: Interpreter, environment: Mapping[str, str]) -> list[Plugin]:
    """The resource plugins that the installed SDKs name, sorted."""
    return resource_plugins(_ask(interpreter, environment, _MANIFESTS))


def resource_plugins(manifests: list[dict[str, Any]]) -> list[Plugin]:
    """The resource plugins among the contents of pulumi-plugin.json files."""
    return sorted(
        {
            Plugin(manifest["name"], f"v{manifest['version'].removeprefix('v')}", manifest.get("server") or "")
            for manifest in manifests
            if manifest.get("resource")
        }
    )


def _ask(interpreter: Interpreter, environment: Mapping[str, str], question: str) -> Any:
    python: Path = interpreter.python
    answer = subprocess.run(
        [python, "-c", question],
        env=interpreter.environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_ASK_SECONDS,
    )
    if answer.returncode:
        raise InterpreterError(f"{python} could not say what is installed:\n{answer.stderr.strip()}")
    return json.loads(answer.stdout)
