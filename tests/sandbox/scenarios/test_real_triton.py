"""The main job with nothing played: the real Triton under concurrent requests, and the real autoscaler."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict

import httpx
import pytest

from headroom import tools
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import GVK
from headroom.sandbox import Sandbox
from headroom.sandbox.process import python
from headroom.sandbox.scenarios.prometheus import value
from headroom.sandbox.scenarios.request import ScenarioRequest
from tests.evidence import Proof
from tests.sandbox.scenarios.deployed import Deployed, deploy, remove

pytestmark = [pytest.mark.tools, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def triton(sandbox: Sandbox, clone: Clone) -> Iterator[Deployed]:
    """The local stack as it is."""
    tools.require("triton")
    deployed = deploy(sandbox, clone.root / "stacks" / "Pulumi.local.yaml", simulated=False)
    yield deployed
    remove(deployed)


@pytest.mark.proves("replicas follow the queue of a real model server up to the maximum and back", Proof.REAL)
def test_concurrent_requests_raise_tritons_queue_time_and_replicas_go_up_and_down(triton: Deployed, sandbox: Sandbox, clone: Clone) -> None:
    messages = [event["message"] for event in triton.client.list(GVK("v1", "Event"), triton.wanted.namespace)]
    assert any("it runs as real Triton" in message for message in messages)
    queued = queue_seconds(sandbox)

    run = clone.state / "runs" / "loop"
    request = ScenarioRequest("loop", "demo", "local", None, as_data=True, directory=str(run))
    environment = {**os.environ, "HEADROOM_ROOT": str(clone.root)}
    played = sandbox.run(
        python("headroom.sandbox.scenarios"),
        input=json.dumps(asdict(request)),
        env=environment,
        capture_output=True,
        text=True,
        timeout=420,
    )

    verdict = json.loads(played.stdout)
    unmet = [judgement for judgement in verdict["judgements"] if not judgement["met"]]
    assert (played.returncode, unmet) == (0, [])
    assert queue_seconds(sandbox) - queued > 10
    assert {path.name for path in run.iterdir()} == {"recording.json", "verdict.json", "samples.json", "timeline.png", "report.md"}


def queue_seconds(sandbox: Sandbox) -> float:
    """Seconds that requests have waited in the queues of all of the server's pods, those that are gone included."""
    with httpx.Client(base_url=sandbox.url("prometheus"), trust_env=False, timeout=30) as http:
        waited = value(
            lambda path: http.get(path).raise_for_status().json(),
            'sum(max_over_time(nv_inference_queue_duration_us{namespace="inference"}[5m])) / 1e6',
        )
    assert waited is not None
    return waited
