"""Waiting, deleting and cancelling through the real CLI, engine and API server: two stories, each told once and then judged."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from headroom.plugins.kubernetes.client import GVK, Client, Object
from headroom.plugins.kubernetes.errors import ApiError
from tests.evidence import Proof
from tests.plugins.kubernetes.project import Project, Registered, Run

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

CONFIG_MAP, DEPLOYMENT, NAMESPACE, POD = GVK("v1", "ConfigMap"), GVK("apps/v1", "Deployment"), GVK("v1", "Namespace"), GVK("v1", "Pod")

CREATED = "was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: "
UPDATED = " failed to fully initialize or become live: "
UNAVAILABLE = "[MinimumReplicasUnavailable] Deployment does not have minimum availability."
NONE_LIVE = "Minimum number of live Pods was not attained"
TOO_FEW = "Minimum number of Pods to consider the application live was not attained"
STUCK_LINE = "Waiting for app ReplicaSet to be available"


@dataclass(frozen=True)
class Told:
    """A command and the stack's resources after it."""

    run: Run
    state: dict[str, dict[str, Any]]


def deployment(namespace: str, name: str, *, stuck: bool = False, **annotations: str) -> Object:
    container = {"name": "c", "image": "sandbox.headroom.dev/tools:1", "command": ["sleep", "3600"]}
    nowhere = {"nodeSelector": {"nope": "nope"}} if stuck else {}
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [container], **nowhere}}
    metadata = {"name": name, "namespace": namespace, "annotations": {f"pulumi.com/{key}": value for key, value in annotations.items()}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def config_map(namespace: str, name: str, **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace, **metadata}, "data": {"k": "v"}}


def waiting_for(namespace: str, name: str, expression: str) -> Object:
    return config_map(namespace, name, annotations={"pulumi.com/waitFor": expression})


def exists(client: Client, gvk: GVK, namespace: str, name: str) -> bool:
    try:
        client.get(gvk, namespace, name)
    except ApiError:
        return False
    return True


def unpin(client: Client, namespace: str, name: str) -> None:
    client.json_patch(CONFIG_MAP, namespace, name, [{"op": "remove", "path": "/metadata/finalizers"}])


def release_soon(client: Client, namespace: str, name: str) -> threading.Thread:
    """Gives the ConfigMap the data it waits for, a second after it came to be."""

    def release() -> None:
        deadline = time.monotonic() + 60
        while not exists(client, CONFIG_MAP, namespace, name) and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(1)
        client.json_patch(CONFIG_MAP, namespace, name, [{"op": "add", "path": "/data/go", "value": "yes"}])

    thread = threading.Thread(target=release)
    thread.start()
    return thread


@pytest.fixture(scope="module")
def client(kubeconfig: Path) -> Client:
    return Client.from_kubeconfig(str(kubeconfig))


def namespaces(client: Client) -> Iterator[str]:
    name = f"await-{uuid.uuid4().hex[:8]}"
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, field_manager="test")
    yield name
    client.delete(NAMESPACE, "", name, propagation="Background")


# Waiting and deleting: one program, in which everything is tried at once


@pytest.fixture(scope="module")
def namespace(client: Client) -> Iterator[str]:
    yield from namespaces(client)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, pulumi_environment: dict[str, str]) -> Project:
    return Project(tmp_path_factory.mktemp("waiting"), pulumi_environment)


def program(namespace: str, *, first: bool) -> list[Registered]:
    own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{namespace}-own"}}
    tried_once = [
        Registered("bad", waiting_for(namespace, "bad", "nonsense")),
        Registered("annotated", deployment(namespace, "annotated", stuck=True, timeoutSeconds="4")),
    ]
    return [
        Registered("mended", deployment(namespace, "mended", stuck=first), "12s" if first else "60s"),
        Registered("broken", deployment(namespace, "broken", stuck=not first), "60s" if first else "12s"),
        Registered("skipped", deployment(namespace, "skipped", stuck=True, skipAwait="true")),
        Registered("held", waiting_for(namespace, "held", "jsonpath={.data.go}=yes"), "30s"),
        Registered("pinned", config_map(namespace, "pinned", finalizers=["ex.io/x"]), "5s"),
        Registered("gone", config_map(namespace, "gone")),
        Registered("own", own),
        *(tried_once if first else []),
    ]


@pytest.fixture(scope="module")
def created(project: Project, namespace: str, client: Client) -> Told:
    releasing = release_soon(client, namespace, "held")
    run = project.up(*program(namespace, first=True))
    releasing.join()
    return Told(run, project.state())


@pytest.fixture(scope="module")
def updated(project: Project, namespace: str, created: Told) -> Told:
    run = project.up(*program(namespace, first=False))
    return Told(run, project.state())


@pytest.fixture(scope="module")
def refreshed(project: Project, updated: Told) -> Told:
    run = project.refresh()
    return Told(run, project.state())


@pytest.fixture(scope="module")
def destroyed(project: Project, namespace: str, client: Client, refreshed: Told) -> Told:
    client.create(config_map(f"{namespace}-own", "content"), field_manager="test")
    client.delete(CONFIG_MAP, namespace, "gone", propagation="Background")
    run = project.destroy()
    return Told(run, project.state())


@pytest.mark.proves("Pulumi waits for objects and says what keeps them", Proof.REAL)
def test_a_stuck_deployment_fails_after_its_timeout_and_stays_in_the_state(created: Told) -> None:
    first, *rest = created.state["mended"]["initErrors"]
    assert first.endswith(f"{CREATED}'mended' timed out waiting to be Ready")
    assert rest == [UNAVAILABLE, NONE_LIVE]


def test_the_timeout_annotation_counts(created: Told) -> None:
    assert created.state["annotated"]["initErrors"][0].endswith("'annotated' timed out waiting to be Ready")
    assert 4 <= created.run.seconds_of("annotated") < 30


def test_skip_await_does_not_wait(created: Told) -> None:
    assert "initErrors" not in created.state["skipped"]
    assert "Skipping await logic" in created.run.progress("skipped")


def test_wait_for_holds_any_kind_back(created: Told) -> None:
    assert created.run.progress("held")[-1] == "Found {.data.go}=yes"
    assert created.state["held"]["outputs"]["data"]["go"] == "yes"


def test_a_bad_wait_for_creates_the_object_and_forgets_it(created: Told, namespace: str, client: Client) -> None:
    assert 'expected a "jsonpath=" or "condition=" prefix, got "nonsense"' in created.run.diagnostics("error", "bad")[0]
    assert exists(client, CONFIG_MAP, namespace, "bad")
    assert "bad" not in created.state


def test_a_program_that_mends_what_was_stuck_updates_it_in_place(created: Told, updated: Told) -> None:
    before, after = created.state["mended"], updated.state["mended"]
    assert "initErrors" not in after
    assert after["outputs"]["metadata"]["uid"] == before["outputs"]["metadata"]["uid"]


def test_an_update_that_sticks_says_so(updated: Told, namespace: str) -> None:
    first, *rest = updated.state["broken"]["initErrors"]
    assert first.endswith(f"\"{namespace}/broken\"{UPDATED}'broken' timed out waiting to be Ready")
    assert rest == [TOO_FEW]


def test_a_refresh_warns_of_what_is_unhealthy_and_passes(refreshed: Told) -> None:
    assert refreshed.run.ok
    reasons = ["Resource 'broken' was created but failed to initialize", TOO_FEW]
    assert refreshed.state["broken"]["initErrors"] == reasons
    told = "".join(f"\n* {reason}" for reason in reasons)
    assert refreshed.run.diagnostics("warning", "broken") == [f"Refreshed resource is in an unhealthy state:{told}"]


@pytest.mark.proves("Pulumi waits for deletions and says what holds them", Proof.REAL)
def test_a_finalizer_holds_a_deletion_back(destroyed: Told) -> None:
    assert destroyed.run.diagnostics("warning", "pinned") == ["finalizers might be preventing deletion (ex.io/x)"]
    assert destroyed.run.diagnostics("error", "pinned") == ["timed out waiting for the condition"]
    assert list(destroyed.state) == ["pinned"]


def test_a_deleted_deployment_is_gone_with_its_pods(destroyed: Told, namespace: str, client: Client) -> None:
    assert client.list(POD, namespace, label_selector="app in (mended,broken)") == []


def test_a_deleted_namespace_is_gone_with_its_contents(destroyed: Told, namespace: str, client: Client) -> None:
    assert not exists(client, NAMESPACE, "", f"{namespace}-own")


def test_an_object_that_is_gone_already_deletes_well(destroyed: Told) -> None:
    assert destroyed.run.diagnostics("error", "gone") == []


def test_the_deletion_passes_once_the_finalizer_is_removed(project: Project, namespace: str, client: Client, destroyed: Told) -> None:
    unpin(client, namespace, "pinned")
    assert project.destroy().ok
    assert project.state() == {}


# Cancelling


@pytest.fixture(scope="module")
def quiet_namespace(client: Client) -> Iterator[str]:
    yield from namespaces(client)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory, pulumi_environment: dict[str, str]) -> Project:
    return Project(tmp_path_factory.mktemp("cancelling"), pulumi_environment)


def one(namespace: str, *, stuck: bool) -> list[Registered]:
    pinned = Registered("pinned", config_map(namespace, "pinned", finalizers=["ex.io/x"]), "60s")
    return [Registered("d", deployment(namespace, "d", stuck=stuck), "60s"), pinned]


@pytest.fixture(scope="module")
def cancelled_create(interrupted: Project, quiet_namespace: str) -> Told:
    run = interrupted.up(*one(quiet_namespace, stuck=True), interrupt_at=STUCK_LINE)
    return Told(run, interrupted.state())


@pytest.fixture(scope="module")
def cancelled_update(interrupted: Project, quiet_namespace: str, cancelled_create: Told) -> Told:
    mended = interrupted.up(*one(quiet_namespace, stuck=False))
    assert mended.ok, mended.output
    run = interrupted.up(*one(quiet_namespace, stuck=True), interrupt_at=STUCK_LINE)
    return Told(run, interrupted.state())


@pytest.fixture(scope="module")
def repaired(interrupted: Project, quiet_namespace: str, client: Client, cancelled_update: Told) -> list[bool]:
    """Was the object stuck after an update without, and after one with a refresh before it."""
    stuck = []
    for prepare in (lambda: None, interrupted.refresh):
        prepare()
        interrupted.up(*one(quiet_namespace, stuck=False))
        stuck.append("nodeSelector" in client.get(DEPLOYMENT, quiet_namespace, "d")["spec"]["template"]["spec"])
    return stuck


@pytest.fixture(scope="module")
def cancelled_delete(interrupted: Project, repaired: list[bool]) -> Told:
    run = interrupted.destroy(interrupt_at="Resource scheduled for deletion")
    return Told(run, interrupted.state())


def test_a_cancelled_creation_keeps_the_object_with_what_is_missing(cancelled_create: Told) -> None:
    assert cancelled_create.run.seconds_of("d") < 45
    first, *rest = cancelled_create.state["d"]["initErrors"]
    assert first.endswith(f'{CREATED}Resource operation was cancelled for "d"')
    assert rest == [UNAVAILABLE, NONE_LIVE]


def test_a_cancelled_update_keeps_the_inputs_from_before(cancelled_update: Told) -> None:
    assert cancelled_update.run.diagnostics("error", "d")[0].endswith(
        'failed: Resource operation was cancelled for "d"\n'
        "unable to get cluster state: client rate limiter Wait returned an error: context canceled"
    )
    assert "nodeSelector" not in cancelled_update.state["d"]["inputs"]["spec"]["template"]["spec"]


@pytest.mark.proves("a cancelled update is repaired after a refresh", Proof.REAL)
def test_only_a_refresh_lets_an_update_repair_what_a_cancelled_one_left(repaired: list[bool]) -> None:
    assert repaired == [True, False]


def test_a_cancelled_deletion_stays_in_the_state(cancelled_delete: Told) -> None:
    assert not cancelled_delete.run.ok
    assert "pinned" in cancelled_delete.state


def test_a_cancelled_deletion_can_be_finished(interrupted: Project, quiet_namespace: str, client: Client, cancelled_delete: Told) -> None:
    unpin(client, quiet_namespace, "pinned")
    assert interrupted.destroy().ok
    assert interrupted.state() == {}
