"""A scenario from beginning to end: its stack deployed, played, and the published recipe played on the same trace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from rich.console import Console

from headroom import tools
from headroom.paths import Clone
from headroom.report import timeline
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.process import python
from headroom.sandbox.sandbox import Sandbox
from headroom.sandbox.scenarios import comparison, outcome
from headroom.sandbox.scenarios.definition import Published, Scenario
from headroom.sandbox.scenarios.request import ScenarioRequest
from headroom.sandbox.scenarios.subject import published_subject

MODULE = "headroom.sandbox.scenarios"
ROLLOUT_SECONDS = 180

Say = Callable[[str], None]


def produce(clone: Clone, scenario: Scenario, request: ScenarioRequest, *, deploy: str | None, published: bool) -> int:
    """Exit status: that of the corrected play. `deploy` is the stack to bring up first, None for one that is up."""
    say = partial(print, file=sys.stderr if request.as_data else sys.stdout, flush=True)
    sandbox = Sandbox(clone)
    if deploy:
        _deploy(sandbox, deploy, say)
    status = _play(sandbox, request)
    recipe = scenario.published
    if recipe is None or not published or not (Path(request.directory) / "recording.json").exists():
        return status
    say("\nThe published recipe, on the same trace:")
    after = replace(request, directory=f"{request.directory}/published", after=request.directory)
    sandbox.up(stack=request.stack, values=recipe.values, report=lambda _: None)
    try:
        _apply(sandbox, recipe, say)
        _play(sandbox, after)
    finally:
        _kubectl(sandbox, "delete", "--filename", str(recipe.path), "--ignore-not-found", "--wait=false")
        sandbox.up(stack=request.stack, report=lambda _: None)
    _compare(scenario, request, after)
    return status


def _deploy(sandbox: Sandbox, stack: str, say: Say) -> None:
    """As a user would: `headroom sandbox up STACK`, `headroom up STACK`. Raises `SandboxError` when Pulumi fails."""
    say(f"Stack {stack}:")
    sandbox.up(stack=stack, report=lambda line: say(f"  {line}"))
    done = subprocess.run(python("headroom", "up", stack), stdout=sys.stderr, check=False)
    if done.returncode:
        raise SandboxError(f"`headroom up {stack}` failed with exit status {done.returncode}: see above")


def _play(sandbox: Sandbox, request: ScenarioRequest) -> int:
    if request.kubeconfig:
        return subprocess.run(python(MODULE), input=json.dumps(asdict(request)), text=True, check=False).returncode
    return sandbox.run(python(MODULE), input=json.dumps(asdict(request)), text=True).returncode


def _apply(sandbox: Sandbox, recipe: Published, say: Say) -> None:
    _kubectl(sandbox, "apply", "--filename", str(recipe.path))
    about = published_subject("", recipe)
    kind, name = about.workload[1:]
    say(f"  {recipe.path.name} is applied; {kind} {name} starts")
    _kubectl(sandbox, "rollout", "status", f"{kind.lower()}/{name}", f"--namespace={about.namespace}", f"--timeout={ROLLOUT_SECONDS}s")


def _kubectl(sandbox: Sandbox, *arguments: str) -> None:
    """Raises `SandboxError` with kubectl's own words."""
    program = tools.require("kubectl")["kubectl"]
    done = subprocess.run([program, *arguments], env=sandbox.kubectl_environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SandboxError(f"kubectl {arguments[0]} failed: {done.stderr.strip()}")


def _compare(scenario: Scenario, corrected: ScenarioRequest, published: ScenarioRequest) -> None:
    plays = [outcome.read(Path(request.directory)) for request in (corrected, published)]
    ours, theirs = (comparison.figures(recording, scenario.reaction, scenario.patience) for recording in plays)
    place = Path(corrected.directory)
    (place / "comparison.md").write_text(comparison.markdown(corrected.name, ours, theirs))
    traces = {"corrected": comparison.trace(plays[0]), "published": comparison.trace(plays[1])}
    timeline.compare(traces, place / "comparison.png", title=scenario.sentence)
    if corrected.as_data:
        return
    console = Console()
    console.print()
    console.print(comparison.table(ours, theirs))
    console.print(f"\npicture  {place / 'comparison.png'}")
