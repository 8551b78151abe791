"""The LeaderWorkerSet controller: groups of pods, scaled as one."""

from __future__ import annotations

import pytest

from tests.evidence import Proof
from tests.sandbox.addons.conftest import Place
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]


@pytest.fixture
def groups(place: Place) -> Place:
    """A LeaderWorkerSet of one group of two pods, whose pods write what they know of their group."""
    script = "echo $LWS_GROUP_SIZE $LWS_WORKER_INDEX; sleep 1000"
    main = {"name": "main", "image": "sandbox.headroom.dev/tools", "command": ["sh", "-c", script]}
    pod = {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1, "containers": [main]}
    spec = {"replicas": 1, "leaderWorkerTemplate": {"size": 2, "workerTemplate": {"spec": pod}}}
    place.apply({"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet", "metadata": {"name": "group"}, "spec": spec})
    return place


def running(place: Place) -> list[str]:
    return place.kubectl("get", "pods", "--field-selector=status.phase=Running", "--output=jsonpath={.items[*].metadata.name}").split()


@pytest.mark.proves("replicas of several pods (LeaderWorkerSet)", Proof.REAL)
def test_a_group_has_a_leader_and_its_workers_and_scales_whole(groups: Place) -> None:
    assert eventually(lambda: running(groups) == ["group-0", "group-0-1"])
    assert eventually(lambda: groups.kubectl("logs", "group-0-1", check=False) == "2 1\n")
    assert "name=group" in groups.get("lws", "group")["status"]["hpaPodSelector"]
    groups.kubectl("scale", "lws/group", "--replicas=2")
    assert eventually(lambda: running(groups) == ["group-0", "group-0-1", "group-1", "group-1-1"])


@pytest.mark.proves("replicas of several pods: a PodGroup of each for a gang scheduler", Proof.REAL)
def test_a_group_that_waits_for_the_gang_scheduler_has_a_pod_group_of_its_size(place: Place) -> None:
    main = {"name": "main", "image": "sandbox.headroom.dev/tools", "command": ["sleep", "1000"]}
    pod = {"automountServiceAccountToken": False, "schedulerName": "volcano", "containers": [main]}
    spec = {"replicas": 1, "leaderWorkerTemplate": {"size": 2, "workerTemplate": {"spec": pod}}}
    place.apply({"apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet", "metadata": {"name": "gang"}, "spec": spec})
    assert eventually(lambda: place.kubectl("get", "podgroups", "--output=jsonpath={.items[*].spec.minMember}") == "2")
    phases = "--output=jsonpath={.items[*].status.phase}"
    assert eventually(lambda: place.kubectl("get", "pods", "--selector=leaderworkerset.sigs.k8s.io/name=gang", phases) == "Pending Pending")
