"""`pulumi preview | up | refresh | destroy -s local` by hand, against a real control plane.

The tests build on one another, in this order.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from headroom.automation import interrupted
from tests.evidence import Proof
from tests.stacks.checkout import Checkout

pytestmark = pytest.mark.tools

NAMESPACE = "inference"
WORKLOAD = "**::demo-workload"
PATIENCE_SECONDS = 60


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not so after {PATIENCE_SECONDS} s"
        time.sleep(1)


def scaling_active(checkout: Checkout) -> bool:
    (autoscaler,) = checkout.objects("horizontalpodautoscalers", NAMESPACE)
    conditions = {condition["type"]: condition["status"] for condition in autoscaler["status"].get("conditions", [])}
    return conditions.get("ScalingActive") == "True"


def replicas(checkout: Checkout) -> int:
    (deployment,) = checkout.objects("deployments", NAMESPACE)
    return deployment["spec"]["replicas"]


def test_the_stack_is_made_by_hand(checkout: Checkout) -> None:
    assert checkout.pulumi("stack", "init", "local").returncode == 0


def test_a_preview_touches_nothing(checkout: Checkout) -> None:
    preview = checkout.pulumi("preview", "--stack=local")
    assert (preview.returncode, checkout.objects("deployments")) == (0, [])


@pytest.mark.proves("an interrupted `up` is healed by the next one", Proof.REAL)
def test_an_up_killed_half_way_is_healed_by_the_next(checkout: Checkout) -> None:
    run = checkout.begin("up", "--stack=local", "--yes", "--skip-preview")
    assert run.stdout is not None
    for line in run.stdout:
        if "demo-workload creating" in line:
            break
    os.killpg(run.pid, signal.SIGKILL)
    run.wait(timeout=30)
    healed = checkout.headroom("up", "local")
    assert healed.returncode == 0, healed.stdout
    assert interrupted.stale_locks(checkout.clone.backend, "local") == []


def test_a_state_that_was_cut_off_in_a_write_is_healed(checkout: Checkout) -> None:
    state = checkout.clone.backend / ".pulumi" / "stacks" / "headroom" / "local.json"
    state.write_text(state.read_text()[:1000])
    healed = checkout.headroom("up", "local")
    assert healed.returncode == 0, healed.stdout


@pytest.mark.proves("`pulumi up` of a stack deploys a model server that gets ready and an HPA that reads its signal", Proof.REAL)
def test_the_autoscaler_reads_its_signal(checkout: Checkout) -> None:
    wait_until(lambda: scaling_active(checkout))


@pytest.mark.proves("a second `up` changes nothing and leaves a scaled replica count alone", Proof.REAL)
def test_a_second_up_changes_nothing_while_the_autoscaler_has_scaled_the_server(checkout: Checkout) -> None:
    checkout.kubectl("patch", "hpa/demo", f"--namespace={NAMESPACE}", "--type=merge", "--patch", '{"spec":{"minReplicas":2}}')
    wait_until(lambda: replicas(checkout) == 2)
    again = checkout.pulumi("up", "--stack=local", "--yes", "--skip-preview", "--expect-no-changes")
    assert (again.returncode, replicas(checkout)) == (0, 2), again.stdout


def test_a_refresh_sees_no_drift_in_a_scaled_workload(checkout: Checkout) -> None:
    refresh = checkout.pulumi("refresh", "--stack=local", "--yes", "--skip-preview", f"--target={WORKLOAD}", "--expect-no-changes")
    assert refresh.returncode == 0, refresh.stdout


def test_drift_in_what_the_stack_declares_is_seen_and_put_back(checkout: Checkout) -> None:
    checkout.pulumi("refresh", "--stack=local", "--yes", "--skip-preview")
    checkout.pulumi("up", "--stack=local", "--yes", "--skip-preview")
    (autoscaler,) = checkout.objects("horizontalpodautoscalers", NAMESPACE)
    assert autoscaler["spec"]["minReplicas"] == 1


@pytest.mark.proves("`pulumi destroy` leaves nothing in the cluster", Proof.REAL)
def test_destroy_leaves_nothing(checkout: Checkout) -> None:
    destroyed = checkout.pulumi("destroy", "--stack=local", "--yes", "--skip-preview")
    assert destroyed.returncode == 0, destroyed.stdout
    left = checkout.kubectl("get", "namespaces,nodes", "--selector=app.kubernetes.io/managed-by=headroom", "--output=name")
    assert left == ""
