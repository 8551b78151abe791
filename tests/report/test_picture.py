"""The picture of a stack."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from headroom.desired import render
from headroom.report.picture import draw
from headroom.settings import Stack, load
from headroom.settings.autoscaling import Backend
from tests.components.program import ROOT

LOCAL = load(ROOT / "stacks" / "Pulumi.local.yaml")


def drawn(stack: Stack) -> ElementTree.Element:
    return ElementTree.fromstring(draw(stack, render(stack)))


def texts(stack: Stack) -> list[str]:
    return [element.text or "" for element in drawn(stack).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("said", ["Service demo", "1 to 4 replicas", "headroom:queue_time_seconds:server", "queue time at 200ms"])
def test_it_says_what_leads_from_a_metric_to_a_replica_count(said: str) -> None:
    assert said in texts(LOCAL)


def test_every_server_has_its_own_band() -> None:
    two = replace(LOCAL, servers={"demo": LOCAL.servers["demo"], "second": LOCAL.servers["demo"]})
    assert {"HPA demo", "HPA second"} <= set(texts(two))


def test_the_picture_in_the_readme_is_of_the_stack_as_it_is() -> None:
    assert (ROOT / "docs" / "images" / "local.svg").read_text() == draw(LOCAL, render(LOCAL))


def changed(**autoscaling: object) -> Stack:
    demo = LOCAL.servers["demo"]
    scaled = demo.autoscaling.model_copy(update=autoscaling)
    return replace(LOCAL, servers={"demo": demo.model_copy(update={"autoscaling": scaled})})


def test_keda_stands_where_the_adapter_stood() -> None:
    said = texts(changed(backend=Backend.KEDA))
    assert {"KEDA", "external.metrics.k8s.io", "HPA keda-hpa-demo"} <= set(said)


def test_a_server_that_is_held_at_cpu_alone_has_no_recording_rules() -> None:
    assert {"none: metrics-server measures the pods", "cpu at 80%"} <= set(texts(changed(signals={"cpu": "80%"})))
