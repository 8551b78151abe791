"""The loop of the local stack, link by link: each is broken, the real autoscaler is seen to go blind and hold, then it is mended.

How a working loop is told from a broken one without any load: a replica more than needed is added by hand. An autoscaler that sees
takes it away at its next look; one that is blind leaves it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from headroom.catalog.distributions import KWOK
from headroom.desired import render
from headroom.desired.objects import Object
from headroom.desired.platform import prometheus_adapter
from headroom.doctor import detect, read
from headroom.doctor.loop import measure, watched
from headroom.paths import Clone
from headroom.sandbox import Sandbox
from headroom.settings import load
from tests.evidence import Proof
from tests.sandbox.fixtures import STACKS
from tests.sandbox.scenarios.deployed import Deployed, deploy, remove, until
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(240)]

LOOKS = 5
LOOK_SECONDS = 2.0


@pytest.fixture(scope="module")
def loop(sandbox: Sandbox, clone: Clone) -> Iterator[Deployed]:
    """The local stack in a namespace of its own, with a simulated engine, scaled down as soon as there is nothing to do."""
    stack = yaml.safe_load((STACKS / "Pulumi.local.yaml").read_text())
    stack["config"]["headroom:namespace"] = "breaks"
    demo = stack["config"]["headroom:servers"]["demo"]
    demo["drain"] = "1s"
    demo["autoscaling"]["scaleDown"] = {"stabilization": "0s", "pods": 4, "period": "1s"}
    path = clone.root / "stacks" / "Pulumi.breaks.yaml"
    path.write_text(yaml.safe_dump(stack))
    deployed = deploy(sandbox, path, simulated=True)
    yield deployed
    remove(deployed)


def goes_blind(loop: Deployed) -> None:
    until(lambda: loop.blindness is not None, lambda: f"the autoscaler still sees {loop.seen}")
    assert loop.blindness == "FailedGetObjectMetric"


def holds(loop: Deployed) -> None:
    loop.scale(2)
    for _ in range(LOOKS):
        time.sleep(LOOK_SECONDS)
        assert (loop.blindness, loop.replicas) == ("FailedGetObjectMetric", 2)


def recovers(loop: Deployed) -> None:
    until(lambda: loop.seen is not None, lambda: f"the autoscaler stays blind: {loop.hpa['status']['conditions']}")
    until(lambda: loop.replicas == 1, lambda: f"the autoscaler leaves {loop.replicas} replicas although it sees {loop.seen}")


@pytest.mark.proves("the loop is closed: metric, recording rule, adapter, HPA", Proof.SIMULATOR)
def test_an_intact_loop_knows_its_metric_and_takes_a_needless_replica_away(loop: Deployed) -> None:
    assert loop.seen is not None
    loop.scale(2)
    recovers(loop)


def rename_the_rule(rule: Object) -> None:
    for item in rule["spec"]["groups"][0]["rules"]:
        item["record"] = item["record"].replace("queue_time", "renamed")


def point_at_another_port(monitor: Object) -> None:
    monitor["spec"]["podMetricsEndpoints"][0]["port"] = "no-such-port"


@pytest.mark.proves("a blind autoscaler holds its replicas, and recovers", Proof.SIMULATOR)
@pytest.mark.parametrize(("role", "damage"), [("rules", rename_the_rule), ("monitor", point_at_another_port)])
def test_a_broken_object_blinds_the_autoscaler_until_it_is_mended(loop: Deployed, role: str, damage: Callable[[Object], None]) -> None:
    assert loop.seen is not None
    loop.apply(role, damage)
    try:
        goes_blind(loop)
        holds(loop)
    finally:
        loop.apply(role)
    recovers(loop)


@pytest.mark.proves("the sandbox runs the Helm values that ship", Proof.SIMULATOR)
def test_a_broken_rule_in_the_adapters_values_blinds_the_autoscaler_until_it_is_mended(
    loop: Deployed, sandbox: Sandbox, clone: Clone
) -> None:
    assert loop.seen is not None
    sandbox.up(values={"prometheusAdapter": broken_values()})
    try:
        goes_blind(loop)
        holds(loop)
        # The second pod may just have come: not scraped yet, it is named first.
        assert eventually(lambda: named_by_the_doctor(loop, clone) == "metric")
    finally:
        sandbox.up()
    recovers(loop)


def named_by_the_doctor(loop: Deployed, clone: Clone) -> str | None:
    """The link that the doctor names: the others are broken in test_doctor.py, this one costs a restart of the adapter."""
    stack = load(clone.stack_file("breaks"))
    (found,) = measure(loop.client, watched(stack, render(stack)), detect(read(loop.client)))
    return found.broken.name if found.broken else None


def broken_values() -> dict[str, Any]:
    """The values of the adapter's chart with the rule for a server's series looking for another name."""
    rules = prometheus_adapter.values(load(STACKS / "Pulumi.local.yaml").platform, KWOK)["rules"]["custom"]
    return {"rules": {"custom": [{**rule, "seriesQuery": rule["seriesQuery"].replace(":server$", ":other$")} for rule in rules]}}
