"""A server that sleeps is woken by a request at its route, and sleeps again: Traefik counts it, Prometheus records it, KEDA acts on it."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import Any

import pytest

from headroom.catalog.names import APP_INSTANCE
from headroom.desired import render
from headroom.desired.routing import RETRY_AFTER_SECONDS
from headroom.paths import Clone
from headroom.sandbox.kubelet.settings import RUNTIME_ANNOTATION, SIMULATOR
from headroom.settings import load
from tests.evidence import Proof
from tests.outages.recorder import Recorder
from tests.sandbox.ingress.conftest import MANAGER, POD, Routed

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

SERVER = "dormouse"
SERVED_SECONDS = 8
"""How long the client goes on asking once it was answered."""
WATCHED_SECONDS = 20
"""How long the server is looked at once it sleeps again: longer than it looks back for somebody who asked."""


@dataclass(frozen=True)
class Story:
    """`attempts` of one client, `counts` of replicas as they followed one another from before the first attempt on."""

    attempts: list[dict[str, Any]]
    counts: list[int]


@pytest.fixture(scope="module")
def story(routed: Routed, clone: Clone) -> Story:
    desired = render(load(clone.stack_file("local")))
    (server,) = desired.servers
    server.objects["workload"]["spec"]["template"]["metadata"]["annotations"] = {RUNTIME_ANNOTATION: SIMULATOR}
    for item in desired.objects:
        routed.api.apply(item, field_manager=MANAGER, force=True)
    recorder = Recorder(routed.api, server.namespace)

    def replicas() -> int:
        return recorder.look().replicas[SERVER]

    def asleep() -> bool:
        return replicas() == 0 and not routed.api.list(POD, server.namespace, label_selector=f"{APP_INSTANCE}={SERVER}")

    routed.until(asleep, "a server that nobody asks for falls asleep")
    recorder.start()
    attempts = routed.ask(infer="sleeper", host=f"{SERVER}.example.com", **{"for": SERVED_SECONDS})
    routed.until(lambda: replicas() == 0, "it sleeps again once nobody asks")
    time.sleep(WATCHED_SECONDS)
    recorder.stop()
    return Story(attempts, [count for count, _ in itertools.groupby(look.replicas[SERVER] for look in recorder.looks)])


def test_who_asks_while_it_sleeps_is_told_when_to_ask_again(story: Story) -> None:
    first = story.attempts[0]
    assert (first["status"], first["told"]) == (503, str(RETRY_AFTER_SECONDS))


@pytest.mark.proves("a request at its route wakes a server that slept, and who asks again is answered", Proof.SIMULATOR)
def test_who_asks_again_is_answered(story: Story) -> None:
    statuses = [attempt["status"] for attempt in story.attempts]
    asleep, awake = statuses.count(503), statuses.count(200)
    assert statuses == [503] * asleep + [200] * awake
    assert awake > 1


@pytest.mark.proves("a woken server sleeps again when nobody asks, and does not flap", Proof.SIMULATOR)
def test_it_is_woken_once_and_sleeps_again(story: Story) -> None:
    assert story.counts == [0, 1, 0]
