"""`pulumi preview | up | refresh | destroy -s local` by hand, against a real control plane.

The tests build on one another, in this order.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from headroom.automation import interrupted
from headroom.catalog.names import APP_INSTANCE, APP_NAME
from headroom.wiring import Document
from headroom.wiring.barriers import Door, Pod, lets_in, lets_out
from headroom.wiring.gather import gather
from tests import last_version
from tests.evidence import Proof
from tests.stacks.checkout import Checkout
from tests.waiting import eventually

pytestmark = pytest.mark.tools

NAMESPACE = "inference"
WORKLOAD = "**::demo-workload"


def scaling_active(checkout: Checkout) -> bool:
    (autoscaler,) = checkout.objects("horizontalpodautoscalers", NAMESPACE)
    conditions = {condition["type"]: condition["status"] for condition in autoscaler["status"].get("conditions", [])}
    return conditions.get("ScalingActive") == "True"


def pods_of(found: list[dict[str, Any]], spaces: dict[str, dict[str, str]], label: str, value: str) -> list[Pod]:
    described = [each["metadata"] for each in found if each["kind"] == "Pod"]
    labelled = [each for each in described if each.get("labels", {}).get(label) == value]
    return [Pod(each["namespace"], spaces[each["namespace"]], each["labels"]) for each in labelled]


def replicas(checkout: Checkout) -> int:
    (deployment,) = checkout.objects("deployments", NAMESPACE)
    return deployment["spec"]["replicas"]


@contextmanager
def begun(checkout: Checkout, command: str, line: str) -> Iterator[int]:
    """A command of Pulumi's that has said a line, by its process group; killed afterwards, with all that it started."""
    run = checkout.begin(command, "--stack=local", "--yes", "--skip-preview")
    assert run.stdout is not None
    try:
        assert any(line in said for said in run.stdout)
        yield run.pid
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait(timeout=30)


def uids(checkout: Checkout) -> set[str]:
    """Of the namespace and what the stack has in it."""
    found = [*checkout.objects("namespaces"), *checkout.objects("deployments,services,horizontalpodautoscalers,configmaps", NAMESPACE)]
    return {each["metadata"]["uid"] for each in found}


def test_the_stack_is_made_by_hand(checkout: Checkout) -> None:
    assert checkout.pulumi("stack", "init", "local").returncode == 0


def test_a_preview_touches_nothing(checkout: Checkout) -> None:
    preview = checkout.pulumi("preview", "--stack=local")
    assert (preview.returncode, checkout.objects("deployments")) == (0, [])


def test_an_up_beside_another_one_is_refused_and_touches_nothing_of_it(checkout: Checkout) -> None:
    with begun(checkout, "up", "demo-workload creating") as first:
        assert eventually(lambda: checkout.objects("deployments", NAMESPACE))
        os.killpg(first, signal.SIGSTOP)
        before = uids(checkout)
        second = checkout.headroom("up", "local")
        assert ("currently locked" in second.stdout, uids(checkout)) == (True, before), second.stdout


@pytest.mark.proves("an interrupted `up` is healed by the next one", Proof.REAL)
def test_an_up_killed_half_way_is_healed_by_the_next(checkout: Checkout) -> None:
    """The one of the test before."""
    healed = checkout.headroom("up", "local")
    assert healed.returncode == 0, healed.stdout
    assert interrupted.stale_locks(checkout.clone.backend, "local") == []


def test_a_state_whose_files_were_cut_off_in_a_write_is_healed(checkout: Checkout) -> None:
    state = checkout.clone.backend / ".pulumi" / "stacks" / "headroom" / "local.json"
    state.write_text(state.read_text()[:1000])
    state.with_name("local.json.attrs").write_text("")
    healed = checkout.headroom("up", "local")
    assert healed.returncode == 0, healed.stdout


def test_a_destroy_killed_half_way_leaves_nothing_that_the_next_up_takes_for_present(checkout: Checkout) -> None:
    with begun(checkout, "destroy", "demo-workload deleting"):
        assert eventually(lambda: all("deletionTimestamp" in each["metadata"] for each in checkout.objects("deployments", NAMESPACE)))
    healed = checkout.headroom("up", "local")
    assert healed.returncode == 0, healed.stdout
    (deployment,) = checkout.objects("deployments", NAMESPACE)
    assert "deletionTimestamp" not in deployment["metadata"]


def test_what_was_deleted_by_hand_is_made_again(checkout: Checkout) -> None:
    checkout.kubectl("delete", "hpa/demo", f"--namespace={NAMESPACE}")
    again = checkout.headroom("up", "local")
    assert (again.returncode, len(checkout.objects("horizontalpodautoscalers", NAMESPACE))) == (0, 1), again.stdout


@pytest.mark.proves("a stack that asks for what another one has is refused, and takes nothing of it away", Proof.REAL)
def test_a_stack_that_asks_for_what_another_one_has_touches_nothing_of_it(checkout: Checkout) -> None:
    file = checkout.clone.stack_file("second")
    file.write_text(checkout.clone.stack_file("local").read_text())
    before = uids(checkout)
    refused = checkout.headroom("up", "second")
    removed = checkout.headroom("destroy", "second")
    file.unlink()
    assert refused.returncode != 0, refused.stdout
    assert "already exists" in refused.stdout
    assert (removed.returncode, uids(checkout)) == (0, before), removed.stdout


@pytest.mark.proves("`pulumi up` of a stack deploys a model server that gets ready and an HPA that reads its signal", Proof.REAL)
def test_the_autoscaler_reads_its_signal(checkout: Checkout) -> None:
    assert eventually(lambda: scaling_active(checkout))


@pytest.mark.proves("after `pulumi up` the doctor finds every link from metric to replicas in order", Proof.REAL)
def test_the_doctor_finds_every_link_in_order(checkout: Checkout) -> None:
    told = checkout.headroom("doctor", "local", "--json", "--wait", "180")
    assert told.returncode == 0, told.stdout
    (loop,) = json.loads(told.stdout)["loops"]
    assert {link["verdict"] for link in loop["links"]} == {"holds"}


@pytest.mark.proves("who comes to a model server and whom it reaches: its NetworkPolicy evaluated, not enforced", Proof.SCHEMA)
def test_the_servers_policy_is_for_prometheus_clients_and_nobody_else(checkout: Checkout) -> None:
    """Nothing enforces it here. What is real: the policy as it was accepted, and the labels of pods and namespaces."""
    found = checkout.objects("networkpolicies,namespaces,pods")
    barriers = gather(Document(each) for each in found).barriers
    spaces = {each["metadata"]["name"]: each["metadata"]["labels"] for each in found if each["kind"] == "Namespace"}
    (server,) = pods_of(found, spaces, APP_INSTANCE, "demo")
    prometheus, *_ = pods_of(found, spaces, APP_NAME, "prometheus")
    client, stranger = Pod(NAMESPACE, spaces[NAMESPACE], {}), Pod("default", spaces["default"], {})
    requests, metrics, other = Door(8000, "http"), Door(8002, "metrics"), Door(8005)

    def comes_in(who: Pod) -> list[int]:
        return [door.number for door in (requests, metrics, other) if lets_in(barriers, server, who, door) is True]

    assert [comes_in(who) for who in (prometheus, client, stranger)] == [[8002], [8000], []]
    reached = [
        lets_out(barriers, server, *way) for way in ((stranger, Door(53, protocol="UDP")), (stranger, requests), ("192.0.2.1", Door(443)))
    ]
    assert reached == [True, False, False]


@pytest.mark.proves("`pulumi policy analyze` judges a deployed stack, and a state that was exported, by the policy pack", Proof.REAL)
def test_the_deployed_stack_holds_the_policy_pack(checkout: Checkout) -> None:
    analyzed = checkout.pulumi("policy", "analyze", "--stack=local", "--policy-pack=policy")
    assert (analyzed.returncode, "[mandatory]" in analyzed.stdout, "[advisory]" in analyzed.stdout) == (0, False, False), analyzed.stdout


def test_an_exported_state_that_breaks_the_baseline_and_the_wiring_is_named(checkout: Checkout) -> None:
    state = json.loads(checkout.pulumi("stack", "export", "--stack=local").stdout)
    resources = state["deployment"]["resources"]
    resources[:] = [resource for resource in resources if not resource["urn"].endswith("::demo-guard")]
    (autoscaler,) = (resource for resource in resources if resource["urn"].endswith("::demo-autoscaler"))
    autoscaler["inputs"]["spec"]["scaleTargetRef"]["name"] = "demoo"
    exported = checkout.clone.root / "state.json"
    exported.write_text(json.dumps(state))
    analyzed = checkout.pulumi("policy", "analyze", f"--file={exported}", "--policy-pack=policy")
    assert analyzed.returncode != 0, analyzed.stdout
    assert "[advisory]  network-policy-missing  (kubernetes:apps/v1:Deployment: demo-workload)" in analyzed.stdout
    assert "[mandatory]  autoscaler-target-missing" in analyzed.stdout


@pytest.mark.proves("an upgrade from the last version deletes and replaces nothing, with a real API server", Proof.REAL)
def test_an_upgrade_from_the_last_version_takes_nothing_away(checkout: Checkout) -> None:
    upgrade = last_version.upgrade("local", checkout.clone, checkout.environment, checkout.clone.kubeconfig)
    assert upgrade
    assert last_version.taken_away(upgrade) == []


@pytest.mark.proves("a second `up` changes nothing and leaves a scaled replica count alone", Proof.REAL)
def test_a_second_up_changes_nothing_while_the_autoscaler_has_scaled_the_server(checkout: Checkout) -> None:
    checkout.kubectl("patch", "hpa/demo", f"--namespace={NAMESPACE}", "--type=merge", "--patch", '{"spec":{"minReplicas":2}}')
    assert eventually(lambda: replicas(checkout) == 2)
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
