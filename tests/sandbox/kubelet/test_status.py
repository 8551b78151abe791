"""A pod's status says of its containers what a kubelet would say."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.sandbox.kubelet import status
from headroom.sandbox.kubelet.status import Container, Observed, pod_phase, pod_status

RUNNING = status.running(100)
CRASHED = status.terminated(1, 0, 100, 101)
DONE = status.terminated(0, 0, 100, 101)
BACK_OFF = status.waiting("CrashLoopBackOff")


def container(state: status.State, name: str = "main", **more: Any) -> Container:
    return Container(name, "image", state=state, **more)


def spec(policy: str = "Always", *inits: dict[str, Any]) -> dict[str, Any]:
    return {"restartPolicy": policy, "containers": [{"name": "main"}], "initContainers": list(inits)}


@pytest.mark.parametrize(
    ("policy", "states", "phase"),
    [
        ("Always", [status.waiting("ContainerCreating")], "Pending"),
        ("Always", [RUNNING], "Running"),
        ("Always", [RUNNING, status.waiting("ErrImagePull")], "Running"),
        ("Always", [CRASHED], "Running"),
        ("Never", [DONE], "Succeeded"),
        ("Never", [DONE, CRASHED], "Failed"),
        ("Never", [DONE, RUNNING], "Running"),
        ("OnFailure", [CRASHED], "Running"),
        ("OnFailure", [DONE], "Succeeded"),
    ],
)
def test_phase(policy: str, states: list[status.State], phase: str) -> None:
    assert pod_phase(spec(policy), Observed([container(state) for state in states])) == phase


def test_a_crash_loop_is_a_running_pod() -> None:
    assert pod_phase(spec(), Observed([container(BACK_OFF, last=CRASHED)])) == "Running"


@pytest.mark.parametrize(
    ("init", "policy", "phase"), [(RUNNING, "Always", "Pending"), (CRASHED, "Never", "Failed"), (CRASHED, "Always", "Pending")]
)
def test_a_pod_is_pending_until_its_init_containers_are_done(init: status.State, policy: str, phase: str) -> None:
    observed = Observed([container(status.waiting("PodInitializing"))], [container(init, "init")])
    assert pod_phase(spec(policy, {"name": "init"}), observed) == phase


def conditions(
    observed: Observed, whole: dict[str, Any] | None = None, before: tuple[dict[str, Any], ...] = ()
) -> dict[str, dict[str, Any]]:
    return {entry["type"]: entry for entry in pod_status(whole or spec(), observed, before, 200)["conditions"]}


def test_a_pod_is_ready_when_every_container_is() -> None:
    both = [container(RUNNING, "a", ready=True), container(RUNNING, "b", ready=True)]
    assert conditions(Observed(both, address="10.244.1.1"))["Ready"]["status"] == "True"


def test_the_containers_that_are_not_ready_are_named() -> None:
    both = [container(RUNNING, "a", ready=True), container(RUNNING, "b")]
    ready = conditions(Observed(both))["Ready"]
    assert (ready["status"], ready["reason"], ready["message"]) == (
        "False",
        "ContainersNotReady",
        "containers with unready status: [b]",
    )


def test_a_condition_that_stays_keeps_its_time_and_one_that_changes_gets_a_new_one() -> None:
    old = (
        {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
        {"type": "ContainersReady", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"},
    )
    found = conditions(Observed([container(RUNNING, ready=True)]), before=old)
    assert found["Ready"]["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    assert found["ContainersReady"]["lastTransitionTime"] == "1970-01-01T00:03:20Z"


def test_a_pod_without_a_network_is_not_ready_to_start_containers() -> None:
    assert (
        conditions(Observed([container(RUNNING)], address="10.244.1.1", networked=False))["PodReadyToStartContainers"]["status"] == "False"
    )


def test_a_completed_pod_says_so() -> None:
    assert conditions(Observed([container(DONE)]), spec("Never"))["Ready"]["reason"] == "PodCompleted"


def test_a_sidecar_counts_for_readiness_and_not_for_the_phase() -> None:
    whole = spec("Never", {"name": "proxy", "restartPolicy": "Always"})
    observed = Observed([container(RUNNING, ready=True)], [container(RUNNING, "proxy", started=True)])
    found = conditions(observed, whole)
    assert (pod_phase(whole, observed), found["Initialized"]["status"], found["Ready"]["status"]) == ("Running", "True", "False")


def test_a_status_tells_the_state_before_the_last_restart() -> None:
    report = pod_status(spec(), Observed([container(RUNNING, last=CRASHED, restarts=2)]), (), 200)["containerStatuses"][0]
    assert (report["restartCount"], report["lastState"]["terminated"]["exitCode"]) == (2, 1)


def test_a_status_is_read_back_as_it_was_written() -> None:
    written = container(BACK_OFF, last=CRASHED, restarts=3, runs_as="x")
    assert Container.of({"name": "main", "image": "image"}, written.report()) == written


def test_a_program_that_could_not_be_started_is_a_start_error() -> None:
    assert status.terminated(128, 0, 100, 100, "no such file")["terminated"]["reason"] == "StartError"


TOLD = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "True", "reason": ""}],
    "containerStatuses": [{"name": "main", "lastState": {}}],
}
KNOWN = {
    "phase": "Running",
    "qosClass": "BestEffort",
    "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}],
    "containerStatuses": [{"name": "main", "image": "image"}],
}


def test_what_the_api_server_knows_already_need_not_be_told() -> None:
    assert status.stands(TOLD, KNOWN)


@pytest.mark.parametrize(
    "known",
    [
        {},
        {**KNOWN, "phase": "Pending"},
        {**KNOWN, "conditions": [{"type": "Ready", "status": "False"}]},
        {**KNOWN, "conditions": [{"type": "Ready", "status": "True", "reason": "NodeLost"}]},
        {**KNOWN, "containerStatuses": []},
    ],
    ids=["nothing", "another value", "another condition", "a text that is to go", "no container"],
)
def test_what_it_knows_otherwise_is_told(known: dict[str, Any]) -> None:
    assert not status.stands(TOLD, known)


def test_a_condition_that_is_to_go_is_told() -> None:
    assert not status.stands(
        {"conditions": [{"type": "PodResizePending", "$patch": "delete"}]}, {"conditions": [{"type": "PodResizePending"}]}
    )
