"""`python -m headroom.sandbox.scenarios`: plays a scenario that is asked for as JSON on standard input."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from headroom.desired.platform.prometheus import endpoint
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.report import timeline
from headroom.sandbox.async_api import Api
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import Layout
from headroom.sandbox.load.aim import aim, at_another
from headroom.sandbox.scenarios import definition, outcome
from headroom.sandbox.scenarios.prometheus import in_sandbox, through_api_server
from headroom.sandbox.scenarios.reaction import waits
from headroom.sandbox.scenarios.recording import Recording
from headroom.sandbox.scenarios.request import ScenarioRequest
from headroom.sandbox.scenarios.run import play, sending
from headroom.sandbox.scenarios.subject import published_subject, subject
from headroom.sandbox.scenarios.trace import replayed
from headroom.sandbox.stacks import read_stack
from headroom.settings import Stack


def main() -> int:
    """Exit status: 0 when every expectation was met, else 1."""
    request = ScenarioRequest(**json.load(sys.stdin))
    clone = Clone.find()
    try:
        stack = read_stack(clone, request.stack)
        scenario = _wanted(request)
        recording = asyncio.run(_play(request, scenario, stack, clone))
    except (SandboxError, ClusterError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    result = outcome.outcome(scenario, recording, waits(stack.platform.monitoring, sandbox=request.kubeconfig is None))
    directory = Path(request.directory)
    outcome.write(directory, recording, result)
    if request.as_data:
        print((directory / "verdict.json").read_text())
    else:
        Console().print(timeline.table(recording.samples, inside=scenario.inside is not None))
        print(f"\n{outcome.text(result)}\n\npicture  {directory / 'timeline.png'}\nreport   {directory / 'report.md'}")
    return 0 if result.passed else 1


def _wanted(request: ScenarioRequest) -> definition.Scenario:
    scenario = definition.read(request.name)
    if request.after:
        return replayed(scenario, Path(request.after))
    return scenario.shortened() if request.short else scenario


async def _play(request: ScenarioRequest, scenario: definition.Scenario, stack: Stack, clone: Clone) -> Recording:
    recipe = scenario.published if request.after else None
    about = published_subject(request.name, recipe) if recipe else subject(stack, request.server)
    about = replace(about, inside=scenario.inside)
    client = Client.from_kubeconfig(request.kubeconfig or str(Layout(clone).inside_kubeconfig))
    ask = through_api_server(client, endpoint(stack.platform.monitoring)) if request.kubeconfig else in_sandbox()
    target = aim(stack, request.server, scenario.request) if scenario.sends else None
    if target and recipe:
        target = at_another(target, about.namespace, recipe.service, recipe.port)
    report = (lambda _: None) if request.as_data else partial(print, flush=True)
    load = sending(Api(Layout(clone).inside_kubeconfig), target) if target else nullcontext()
    return await play(request.name, scenario, about, client, ask, load, report)


if __name__ == "__main__":
    sys.exit(main())
