"""Each published system, corrected: its story in the shortened form, against the real autoscalers."""

from __future__ import annotations

import json

import pytest

from headroom.sandbox.scenarios import definition
from tests.evidence import Proof
from tests.stacks.checkout import Checkout

pytestmark = [pytest.mark.tools, pytest.mark.timeout(1800)]

# A thousand streams, streams in real time, clients that count the seconds: whatever runs beside these yields to them.
REAL_TIME = {"kaldi", "nim", "riva", "torchserve"}
PLAYED = tuple(
    pytest.param(name, marks=[pytest.mark.real_time] if name in REAL_TIME else [])
    for name in ("nim", "riva", "kaldi", "tensorrt-llm", "vllm", "torchserve")
)


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.proves("the published systems, corrected: replicas follow the load and no request is lost", Proof.SIMULATOR)
def test_the_story_of_a_published_system(checkout: Checkout, name: str) -> None:
    played = checkout.scenario(name, "--short")
    assert played.returncode == 0, played.stdout
    destroyed = checkout.headroom("destroy", str(definition.read(name).stack))
    assert destroyed.returncode == 0, destroyed.stdout
    (run,) = (checkout.clone.state / "runs").glob(f"*-{name}")
    assert all(judgement["met"] for judgement in json.loads((run / "verdict.json").read_text())["judgements"])
    if definition.read(name).published:
        assert (run / "comparison.md").exists()
