"""Every link of a live loop broken in turn, each by what really breaks it: the doctor names that link, and nothing once it is mended."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from headroom.desired import render
from headroom.desired.objects import Object
from headroom.doctor import detect, read
from headroom.doctor.kinds import rights
from headroom.doctor.loop import Loop, Verdict, Watched, measure, watched
from headroom.doctor.loop.rights import roles
from headroom.paths import Clone
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.sandbox import Sandbox
from headroom.settings import load
from headroom.tools import require
from tests.evidence import Proof
from tests.sandbox.fixtures import STACKS
from tests.sandbox.scenarios.deployed import Deployed, deploy, remove, until
from tests.sandbox.scenarios.test_loop_breaks import point_at_another_port, rename_the_rule

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

NAMESPACE = "doctor"
API_SERVICE = GVK("apiregistration.k8s.io/v1", "APIService")
NODE = GVK("v1", "Node")
POD = GVK("v1", "Pod")
SERVICE = GVK("v1", "Service")
ACCOUNT: Object = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "doctor", "namespace": NAMESPACE}}


@dataclass(frozen=True)
class Patient:
    """A server that is scaled in the sandbox, and how the doctor sees it."""

    deployed: Deployed
    watched: tuple[Watched, ...]

    @property
    def client(self) -> Client:
        return self.deployed.client

    def loop(self, client: Client | None = None) -> Loop:
        asking = client or self.client
        (found,) = measure(asking, self.watched, detect(read(asking)))
        return found

    def gets_well(self) -> None:
        """Generously: on a busy machine scrapes come late, and the doctor says so."""
        until(lambda: all(link.verdict is Verdict.HOLDS for link in self.loop().links), lambda: str(self.loop().links), seconds=180)

    def shows(self, name: str) -> None:
        """That the first broken link is `name`, and that nothing after it is judged."""
        looks: list[Loop] = []

        def named() -> bool:
            looks.append(self.loop())
            broken = looks[-1].broken
            return broken is not None and broken.name == name

        until(named, lambda: str(looks[-1].links))
        verdicts = [link.verdict for link in looks[-1].links]
        assert set(verdicts[verdicts.index(Verdict.BROKEN) + 1 :]) <= {Verdict.NOT_REACHED}

    @contextmanager
    def patched(self, gvk: GVK, namespace: str, name: str, path: str, value: Any) -> Iterator[None]:
        """An object with another value in one place, for as long as it is needed."""
        before: Any = self.client.get(gvk, namespace, name)
        for key in path.strip("/").split("/"):
            before = before[key.replace("~1", "/")]
        self._put(gvk, namespace, name, path, value)
        try:
            yield
        finally:
            self._put(gvk, namespace, name, path, before)

    def _put(self, gvk: GVK, namespace: str, name: str, path: str, value: Any) -> None:
        operations: list[Object] = [{"op": "replace", "path": path, "value": value}]
        self.client.json_patch(gvk, namespace, name, operations)

    @contextmanager
    def applied(self, role: str, damage: Callable[[Object], None]) -> Iterator[None]:
        """One of the server's objects as `damage` leaves it."""
        self.deployed.apply(role, damage)
        try:
            yield
        finally:
            self.deployed.apply(role)

    @contextmanager
    def made(self, item: Object) -> Iterator[None]:
        """A further object in the namespace."""
        self.client.apply(item, field_manager="headroom-tests", force=True)
        try:
            yield
        finally:
            self.client.delete(GVK.of(item), NAMESPACE, item["metadata"]["name"], propagation="Background")

    def lose_a_pod(self) -> None:
        pod = self.client.list(POD, NAMESPACE)[0]["metadata"]["name"]
        self.client.delete(POD, NAMESPACE, pod, propagation="Background")


@pytest.fixture(scope="module")
def patient(sandbox: Sandbox, clone: Clone) -> Iterator[Patient]:
    """The local stack with two replicas at least, so that one may be missing while the other serves."""
    stack = yaml.safe_load((STACKS / "Pulumi.local.yaml").read_text())
    stack["config"]["headroom:namespace"] = NAMESPACE
    demo = stack["config"]["headroom:servers"]["demo"]
    demo["drain"] = "1s"
    demo["autoscaling"]["replicas"] = {"min": 2, "max": 3}
    path = clone.root / "stacks" / f"Pulumi.{NAMESPACE}.yaml"
    path.write_text(yaml.safe_dump(stack))
    deployed = deploy(sandbox, path, simulated=True)
    settings = load(path)
    yield Patient(deployed, watched(settings, render(settings)))
    remove(deployed)


@pytest.fixture(autouse=True)
def well(patient: Patient) -> None:
    patient.gets_well()


def turn_metrics_off(workload: Object) -> None:
    arguments = workload["spec"]["template"]["spec"]["containers"][0]["args"]
    arguments[arguments.index("--allow-metrics=true")] = "--allow-metrics=false"


def read_another_path(monitor: Object) -> None:
    monitor["spec"]["podMetricsEndpoints"][0]["path"] = "/nothing"


def drop_a_metric(monitor: Object) -> None:
    drop = {"action": "drop", "sourceLabels": ["__name__"], "regex": "nv_inference_request_success"}
    monitor["spec"]["podMetricsEndpoints"][0]["metricRelabelings"] = [drop]


def ask_for_another_metric(hpa: Object) -> None:
    hpa["spec"]["metrics"][0]["object"]["metric"]["name"] = "headroom:nothing:server"


def allow_more(hpa: Object) -> None:
    hpa["spec"]["maxReplicas"] = 9


@pytest.mark.proves("the doctor names the broken link of a live loop", Proof.REAL)
@pytest.mark.parametrize(
    ("link", "role", "damage"),
    [
        ("engine", "workload", turn_metrics_off),
        ("monitor", "monitor", point_at_another_port),
        ("target", "monitor", read_another_path),
        ("rule", "rules", rename_the_rule),
        ("series", "monitor", drop_a_metric),
        ("autoscaler", "autoscaler", ask_for_another_metric),
        ("bounds", "autoscaler", allow_more),
    ],
)
def test_a_damaged_object_is_named(patient: Patient, link: str, role: str, damage: Callable[[Object], None]) -> None:
    with patient.applied(role, damage):
        patient.shows(link)


def test_a_server_that_somebody_set_to_no_replicas_is_named(patient: Patient) -> None:
    with patient.patched(patient.watched[0].workload_kind, NAMESPACE, "demo", "/spec/replicas", 0):
        patient.shows("pods")


def test_a_prometheus_whose_service_leads_nowhere_is_named(patient: Patient) -> None:
    with patient.patched(SERVICE, "monitoring", "prometheus-operated", "/spec/selector/app.kubernetes.io~1name", "nobody"):
        patient.shows("prometheus")


def test_a_metrics_api_whose_service_is_not_there_is_named(patient: Patient) -> None:
    with patient.patched(API_SERVICE, "", "v1beta1.custom.metrics.k8s.io", "/spec/service/name", "nobody"):
        patient.shows("api")


@pytest.fixture(scope="module")
def stranger(patient: Patient, sandbox: Sandbox) -> Client:
    """Somebody whom the cluster knows, and who may do nothing in it."""
    patient.client.apply(ACCOUNT, field_manager="headroom-tests", force=True)
    kubectl = [require("kubectl")["kubectl"], f"--kubeconfig={sandbox.kubeconfig}", f"--namespace={NAMESPACE}"]
    token = subprocess.run([*kubectl, "create", "token", "doctor"], capture_output=True, text=True, check=True, timeout=60).stdout
    config = yaml.safe_load(sandbox.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token.strip()}
    return Client.from_kubeconfig(yaml.safe_dump(config))


def test_without_rights_nothing_is_called_broken(patient: Patient, stranger: Client) -> None:
    loop = patient.loop(stranger)
    told = {link.name for link in loop.links if link.verdict is not Verdict.CANNOT_TELL}
    # Whoever is known may look up which APIs there are.
    assert told == {"api"}
    assert all("--rights" in link.fix for link in loop.untold)


@pytest.mark.proves("the rights that the doctor prints suffice to measure a loop", Proof.REAL)
def test_with_the_roles_that_are_printed_every_link_is_measured(patient: Patient, stranger: Client) -> None:
    for role in (rights(), *roles(patient.watched)):
        patient.client.apply(role, field_manager="headroom-tests", force=True)
        patient.client.apply(binding(role), field_manager="headroom-tests", force=True)
    until(lambda: all(link.verdict is Verdict.HOLDS for link in patient.loop(stranger).links), lambda: str(patient.loop(stranger).links))


def binding(role: Object) -> Object:
    return {
        "apiVersion": role["apiVersion"],
        "kind": f"{role['kind']}Binding",
        "metadata": role["metadata"],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [{"kind": "ServiceAccount", **ACCOUNT["metadata"]}],
    }


def test_a_pool_without_room_is_named(patient: Patient) -> None:
    nodes = [node["metadata"]["name"] for node in patient.client.list(NODE, label_selector="headroom.dev/pool=l4")]
    with ExitStack() as cordons:
        for node in nodes:
            patient.client.json_patch(NODE, "", node, [{"op": "add", "path": "/spec/unschedulable", "value": True}])
            cordons.callback(patient.client.json_patch, NODE, "", node, [{"op": "remove", "path": "/spec/unschedulable"}])
        patient.lose_a_pod()
        patient.shows("room")


def test_a_quota_that_refuses_a_replica_is_named(patient: Patient) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "full", "namespace": NAMESPACE},
        "spec": {"hard": {"pods": "1"}},
    }
    with patient.made(quota):
        patient.lose_a_pod()
        patient.shows("replicas")
