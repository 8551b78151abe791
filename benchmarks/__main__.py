"""Prints what import, render, the program under mocks, preview and a no-op up cost, and how fast the loop reacts."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from headroom.paths import Clone
from headroom.plugins import install
from tests.components.conftest import KUBECONFIG

_RUNS = 5


def main() -> None:
    """Print what import, render, the program under mocks, preview and a no-op up cost, and how fast the loop reacts."""
    clone = Clone.find()
    table = Table(title=f"Seconds of wall time, {_RUNS} runs each", title_justify="left")
    for column in ("what", "minimum", "median", "maximum"):
        table.add_column(column)
    with tempfile.TemporaryDirectory() as directory:
        kubeconfig = Path(directory, "kubeconfig")
        kubeconfig.write_text(KUBECONFIG)
        for what, action in {**_python(clone, kubeconfig), **_pulumi(clone)}.items():
            measured = [_seconds(action) for _ in range(_RUNS)]
            table.add_row(what, *(f"{value:.2f}" for value in (min(measured), statistics.median(measured), max(measured))))
    console = Console()
    console.print(table)
    console.print(_loop(clone))


def _python(clone: Clone, kubeconfig: Path) -> dict[str, Callable[[], object]]:
    """Each in a Python of its own; `kubeconfig` leads nowhere."""

    def run(*arguments: str) -> Callable[[], object]:
        environment = {**os.environ, "HEADROOM_KUBECONFIG": str(kubeconfig)}
        command = [sys.executable, *arguments]
        return lambda: subprocess.run(command, cwd=clone.root, env=environment, check=True, capture_output=True)

    return {
        "python, nothing imported": run("-c", "pass"),
        "import headroom.desired": run("-c", "import headroom.desired"),
        "render the stack local": run(
            "-c",
            "from pathlib import Path; from headroom.settings import load; from headroom.desired import render;"
            "render(load(Path('stacks/Pulumi.local.yaml')))",
        ),
        "the program of local under mocks": run("-c", "from tests.components.program import run_program; run_program('local')"),
        "headroom look local": run("-m", "headroom", "look", "local"),
    }


def _pulumi(clone: Clone) -> dict[str, Callable[[], object]]:
    """Only where the stack is up: a preview and an up without changes."""
    if not clone.kubeconfig.is_file():
        return {}
    environment = install.environment(clone)

    def pulumi(*arguments: str) -> Callable[[], object]:
        command = ["pulumi", *arguments, "--stack", "local", "--non-interactive"]
        return lambda: subprocess.run(command, cwd=clone.root, env=environment, check=True, capture_output=True)

    return {"pulumi preview, no change": pulumi("preview"), "pulumi up, no change": pulumi("up", "--yes", "--skip-preview")}


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _loop(clone: Clone) -> str:
    """Reaction times of the recorded loops beside the sum of the periods that they wait for."""
    outcomes = [json.loads(path.read_text()) for path in sorted((clone.state / "runs").glob("*-loop/verdict.json"))]
    reactions = [outcome["reaction_seconds"] for outcome in outcomes if outcome["reaction_seconds"] is not None]
    if not reactions:
        return "the loop's reaction: no run recorded yet, see `headroom sandbox scenario loop`"
    waits = outcomes[-1]["waits"]
    periods = " + ".join(f"{wait['name']} {wait['seconds']:g} s" for wait in waits)
    return (
        f"the loop's reaction, load step to more desired replicas, {len(reactions)} runs: "
        f"minimum {min(reactions):.1f} s, median {statistics.median(reactions):.1f} s, maximum {max(reactions):.1f} s; "
        f"configured periods: {periods} = {sum(wait['seconds'] for wait in waits):g} s"
    )


if __name__ == "__main__":
    typer.run(main)
