"""The links of a server that KEDA scales, broken in turn where they are others than those of backend hpa."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from headroom.desired import render
from headroom.desired.objects import Object
from headroom.doctor import detect, read
from headroom.doctor.loop import Loop, Verdict, Watched, measure, watched
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.sandbox import Sandbox
from headroom.sandbox.kubelet.settings import RUNTIME_ANNOTATION, SIMULATOR
from headroom.settings import load
from tests.evidence import Proof
from tests.sandbox.addons.conftest import STACK
from tests.sandbox.fixtures import STACKS
from tests.sandbox.scenarios.deployed import MANAGER, until

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

NAMESPACE = "doctor"
API_SERVICE = GVK("apiregistration.k8s.io/v1", "APIService")
SCALED_OBJECT = GVK("keda.sh/v1alpha1", "ScaledObject")


class Patient:
    """A server that KEDA scales, and how the doctor sees it."""

    def __init__(self, client: Client, server: Watched) -> None:
        self.client, self._server = client, server

    def loop(self) -> Loop:
        (found,) = measure(self.client, (self._server,), detect(read(self.client)))
        return found

    def gets_well(self) -> None:
        """Generously: on a busy machine scrapes come late, and the doctor says so."""
        until(lambda: all(link.verdict is Verdict.HOLDS for link in self.loop().links), lambda: str(self.loop().links), seconds=180)

    def shows(self, name: str) -> None:
        until(lambda: bool((broken := self.loop().broken) and broken.name == name), lambda: str(self.loop().links))

    def apply(self, changes: dict[str, Any]) -> None:
        """The ScaledObject as it is desired, with other metadata of its first trigger or other annotations."""
        item: Object = yaml.safe_load(yaml.safe_dump(self._server.desired.objects["autoscaler"]))
        item["metadata"]["annotations"] = changes.get("annotations", {})
        item["spec"]["triggers"][0]["metadata"] |= changes.get("trigger", {})
        self.client.apply(item, field_manager=MANAGER, force=True)


@pytest.fixture(scope="module")
def patient(sandbox: Sandbox, clone: Clone) -> Iterator[Patient]:
    stack = yaml.safe_load((STACKS / "Pulumi.local.yaml").read_text())
    stack["config"] |= {"headroom:namespace": NAMESPACE, "headroom:platform": STACK["config"]["headroom:platform"]}
    stack["config"]["headroom:pools"]["l4"]["max"] = 3
    demo = stack["config"]["headroom:servers"]["demo"]
    demo["drain"] = "1s"
    demo["autoscaling"] |= {"backend": "keda", "replicas": {"min": 1, "max": 2}}
    path = clone.root / "stacks" / f"Pulumi.{NAMESPACE}.yaml"
    path.write_text(yaml.safe_dump(stack))
    shutil.copytree(STACKS / "models", path.parent / "models")
    settings = load(path)
    desired = render(settings)
    (server,) = watched(settings, desired)
    server.workload["spec"]["template"]["metadata"]["annotations"] = {RUNTIME_ANNOTATION: SIMULATOR}
    client = Client.from_kubeconfig(str(sandbox.kubeconfig))
    for item in desired.objects:
        client.apply(item, field_manager=MANAGER, force=True)
    yield Patient(client, server)
    client.delete(GVK("v1", "Namespace"), "", NAMESPACE, propagation="Background")


@pytest.mark.proves("the doctor names the broken link of a loop that KEDA closes", Proof.REAL)
@pytest.mark.parametrize(
    ("link", "changes"),
    [
        ("scaled-object", {"annotations": {"autoscaling.keda.sh/paused": "true"}}),
        ("metric", {"trigger": {"query": "headroom:nothing:server"}}),
        ("bounds", {"trigger": {"threshold": "0.9"}}),
    ],
)
def test_a_damaged_scaled_object_is_named(patient: Patient, link: str, changes: dict[str, Any]) -> None:
    patient.gets_well()
    patient.apply(changes)
    try:
        patient.shows(link)
    finally:
        patient.apply({})


def test_a_metrics_api_that_leads_nowhere_is_named(patient: Patient) -> None:
    patient.gets_well()
    name, path = "v1beta1.external.metrics.k8s.io", "/spec/service/name"
    before = patient.client.get(API_SERVICE, "", name)["spec"]["service"]["name"]
    patient.client.json_patch(API_SERVICE, "", name, [{"op": "replace", "path": path, "value": "nobody"}])
    try:
        patient.shows("api")
    finally:
        patient.client.json_patch(API_SERVICE, "", name, [{"op": "replace", "path": path, "value": before}])
