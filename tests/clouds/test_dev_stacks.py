"""The checked-in stacks `dev-eks`, `dev-gke`, `dev-aks`, planned, made, changed, refreshed and destroyed by the real engine.

Each has further pools beside its own: one for every way in which a pool changes. The tests of a cloud build on one another.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml

from headroom.plugins.recording.ledger import Entry
from tests import key_service, last_version
from tests.clouds.account import Account, Run
from tests.clouds.conftest import MIRROR
from tests.engine_steps import Step
from tests.evidence import Proof
from tests.stacks.checkout import ROOT

pytestmark = [pytest.mark.tools, pytest.mark.timeout(2700)]

SIZED, MOVED, SHARED, RESERVED = "sized", "moved", "shared", "reserved"
_OPERATOR = "gpuOperator-"
"""The GPU Operator is told how nodes share their GPUs."""
IN_PLACE = {"min": 1, "max": 3, "labels": {"team": "b"}, "taints": [{"key": "team", "value": "b"}]}


@dataclass(frozen=True)
class Cloud:
    """`group`: the type of what a pool becomes; `machines`: before and after; `own`: the pool of the checked-in stack.

    `counted`: the argument that the autoscaler changes, as it is found after it has. `login`: how the kubeconfig's program is called.
    """

    stack: str
    group: str
    cluster: str
    own: str
    machines: tuple[str, str]
    reserved: dict[str, Any]
    counted: dict[str, Any]
    login: str
    created: dict[str, Any] = field(default_factory=dict)
    """What the cluster must have so that the further pools can be."""

    def pools(self, *, changed: bool) -> dict[str, Any]:
        machine = self.machines[int(changed)]
        first = self.machines[0]
        sharing = {"mode": "time-slicing", "replicas": 4 if changed else 2}
        sized = {"min": 0, "max": 2, "labels": {"team": "a"}, "taints": [{"key": "team", "value": "a"}]}
        return {
            SIZED: {"machine": first, **(IN_PLACE if changed else sized)},
            MOVED: {"machine": machine, "max": 1},
            SHARED: {"machine": first, "max": 1, "sharing": sharing},
            RESERVED: {"machine": machine, "max": 1, "capacity": "reserved", **self.reserved},
        }


CLOUDS = (
    Cloud(
        stack="dev-eks",
        group="aws:eks/nodeGroup:NodeGroup",
        cluster="aws:eks/cluster:Cluster",
        own="l4",
        machines=("g6.2xlarge", "g6.4xlarge"),
        reserved={"reservation": "cr-0123456789abcdef0", "zones": ["us-west-2b"]},
        counted={"scalingConfig": {"desiredSize": 2}},
        login="aws eks get-token --cluster-name inference-dev --region us-west-2 --output json",
        created={"zones": ["us-west-2a", "us-west-2b"]},
    ),
    Cloud(
        stack="dev-gke",
        group="gcp:container/nodePool:NodePool",
        cluster="gcp:container/cluster:Cluster",
        own="l4",
        machines=("g2-standard-8", "g2-standard-12"),
        reserved={"reservation": "inference-l4", "zones": ["us-central1-a"]},
        counted={"nodeCount": 2},
        login="gke-gcloud-auth-plugin",
    ),
    Cloud(
        stack="dev-aks",
        group="azure-native:containerservice:AgentPool",
        cluster="azure-native:containerservice:ManagedCluster",
        own="t4",
        machines=("Standard_NC8as_T4_v3", "Standard_NC16as_T4_v3"),
        reserved={
            "reservation": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/reserved/providers/Microsoft.Compute"
            "/capacityReservationGroups/t4"
        },
        counted={"count": 2},
        login="kubelogin",
    ),
)


@dataclass
class Life:
    """What the engine told of each operation on one stack, in the order of the fields."""

    cloud: Cloud
    preview: Run
    up: Run
    upgrade: list[Step]
    """Planned only: from the state and the stack file that the last version left."""
    unchanged: Run
    change: Run
    destroy: Run
    updates: list[Entry]
    """What the cloud was told by the change, after the autoscaler had brought two nodes of which the state knows nothing."""
    deletions: list[Entry]
    """What the cloud was told meanwhile: node groups that go with their cluster are not deleted one by one."""
    logins: list[str]


def stack_file(cloud: Cloud, *, changed: bool) -> dict[str, Any]:
    """As it is checked in, with charts of the tests and pools that change."""
    content = deepcopy(yaml.safe_load((ROOT / "stacks" / f"Pulumi.{cloud.stack}.yaml").read_text()))
    content["config"]["headroom:cluster"]["create"] |= cloud.created
    content["config"]["headroom:platform"]["charts"] = {"source": MIRROR}
    # Nobody's answers are waited for.
    content["config"]["headroom:platform"]["traefik"]["drain"] = "5s"
    for server in content["config"]["headroom:servers"].values():
        server["drain"] = "5s"
    content["config"]["headroom:pools"] |= cloud.pools(changed=changed)
    return key_service.kept_by_it(content)


@pytest.fixture(scope="module", params=CLOUDS, ids=lambda cloud: cloud.stack)
def life(request: pytest.FixtureRequest, account: Account) -> Life:
    cloud: Cloud = request.param
    stack, yes = f"--stack={cloud.stack}", ("--yes", "--skip-preview")
    account.begin(cloud.own)
    account.write_stack(cloud.stack, stack_file(cloud, changed=False))
    created = account.pulumi("stack", "init", cloud.stack, f"--secrets-provider={key_service.SECRETS_PROVIDER}")
    assert created.ok, created.output

    preview = account.pulumi("preview", stack)
    assert preview.ok, preview.output
    up = account.pulumi("up", stack, *yes)
    assert up.ok, up.output
    upgrade = last_version.upgrade(cloud.stack, account.clone, account.environment, account.sandbox.kubeconfig)
    account.drift(**{cloud.own: cloud.counted})
    refresh = account.pulumi("refresh", stack, *yes)
    assert refresh.ok, refresh.output
    unchanged = account.pulumi("preview", stack)
    assert unchanged.ok, unchanged.output
    account.write_stack(cloud.stack, stack_file(cloud, changed=True))
    account.drift(**{SIZED: cloud.counted})
    change = account.pulumi("up", stack, *yes)
    assert change.ok, change.output
    updates = [entry for entry in account.ledger.entries() if entry.step == "update" and not entry.preview]
    account.ledger.clear()
    destroy = account.pulumi("destroy", stack, *yes)
    assert destroy.ok, destroy.output
    deletions = [entry for entry in account.ledger.entries() if entry.step == "delete"]
    return Life(cloud, preview, up, upgrade, unchanged, change, destroy, updates, deletions, account.logins())


def groups(run: Run, cloud: Cloud) -> dict[str, list[str]]:
    """What is done with the node groups that change, by pool."""
    found = {pool: run.of(pool, type_=cloud.group) for pool in (cloud.own, SIZED, MOVED, SHARED, RESERVED)}
    return {pool: operations for pool, operations in found.items() if operations != ["same"]}


@pytest.mark.proves("a dev stack on EKS, GKE and AKS is planned whole before there is a cluster", Proof.SIMULATOR)
def test_everything_is_planned_while_the_cluster_is_not_there_yet(life: Life) -> None:
    planned = {(step.type, step.name) for step in life.preview.steps if step.operation == "create"}
    assert planned == {(step.type, step.name) for step in life.up.steps if step.operation == "create"}


@pytest.mark.proves("a dev stack on EKS, GKE and AKS is made, its pools before its servers", Proof.SIMULATOR)
def test_the_cluster_comes_first_then_pools_then_the_server(life: Life) -> None:
    order = [(step.type, step.name) for step in life.up.steps]
    cluster = next(index for index, (type_, _) in enumerate(order) if type_ == life.cloud.cluster)
    pools = [index for index, (type_, name) in enumerate(order) if type_ == life.cloud.group and name in (life.cloud.own, MOVED)]
    (server,) = [index for index, (type_, _) in enumerate(order) if type_ == "kubernetes:apps/v1:Deployment"]
    assert cluster < min(pools)
    assert max(pools) < server


@pytest.mark.proves("an upgrade from the last version deletes and replaces nothing, on EKS, GKE and AKS", Proof.SIMULATOR)
def test_an_upgrade_takes_nothing_away(life: Life) -> None:
    assert life.upgrade
    assert last_version.taken_away(life.upgrade) == []


def test_the_kubeconfig_asks_the_clouds_own_program_for_a_credential(life: Life) -> None:
    assert any(call.startswith(life.cloud.login) for call in life.logins)


@pytest.mark.proves("the autoscaler's number of nodes is no drift, on EKS, GKE and AKS", Proof.SIMULATOR)
def test_what_the_autoscaler_did_changes_nothing(life: Life) -> None:
    assert life.unchanged.changes() == []


@pytest.mark.proves("min, max, labels and taints of a pool change in place, on EKS, GKE and AKS", Proof.SIMULATOR)
def test_sizes_labels_and_taints_change_in_place(life: Life) -> None:
    assert groups(life.change, life.cloud)[SIZED] == ["update"]


@pytest.mark.proves("on EKS a change of min or max leaves the nodes that the autoscaler brought", Proof.SIMULATOR)
def test_with_other_bounds_the_nodes_that_there_are_stay(life: Life) -> None:
    """AWS is always told a count with the bounds; Google is not, and for Azure the one of the state is kept."""
    if life.cloud.stack != "dev-eks":
        pytest.skip("bounds change without a count")
    (update,) = [entry for entry in life.updates if (entry.token, entry.name) == (life.cloud.group, SIZED)]
    assert update.arguments["scalingConfig"] == {"minSize": 1, "maxSize": 3, "desiredSize": 2}


@pytest.mark.proves("another machine or sharing replaces a pool, the new one first, on EKS, GKE and AKS", Proof.SIMULATOR)
@pytest.mark.parametrize("pool", [MOVED, SHARED])
def test_another_machine_or_sharing_is_another_pool_made_first(life: Life, pool: str) -> None:
    assert groups(life.change, life.cloud)[pool] == ["create-replacement", "delete-replaced"]


@pytest.mark.proves("a reserved pool is deleted before its successor is made, on EKS, GKE and AKS", Proof.SIMULATOR)
def test_a_reserved_pool_goes_before_its_successor_comes(life: Life) -> None:
    assert groups(life.change, life.cloud)[RESERVED] == ["delete-replaced", "create-replacement"]


@pytest.mark.proves("a change of pools replaces nothing else, in or outside of the cluster", Proof.SIMULATOR)
def test_nothing_else_is_replaced(life: Life) -> None:
    replaced = [step for step in life.change.changes() if "replace" in step.operation]
    # Its name carries its content, which is how GPUs are shared.
    assert {step.name for step in replaced if step.is_kubernetes} <= {"gpuOperator-sharing"}
    assert {step.name.split("-")[0] for step in replaced if not step.is_kubernetes} <= {MOVED, SHARED, RESERVED}


def test_the_pool_of_the_server_and_all_that_is_in_the_cluster_stay(life: Life) -> None:
    assert life.cloud.own not in groups(life.change, life.cloud)
    assert [(step.type, step.name) for step in life.change.changes() if step.is_kubernetes and not step.name.startswith(_OPERATOR)] == []


@pytest.mark.proves("whoever makes load balancers on EKS outlives what asked for them", Proof.SIMULATOR)
def test_traefik_and_its_load_balancer_are_gone_before_who_made_it(life: Life) -> None:
    """The add-on Traefik goes after its release, which waits for its Service to be gone."""
    if not (made_by := [step.name for step in life.up.steps if step.name == "awsLoadBalancerController"]):
        pytest.skip("the cloud itself makes load balancers")
    order = [step.name for step in life.destroy.steps if step.is_kubernetes or step.type == "headroom:index:HelmAddon"]
    release = f"{made_by[0]}-aws-load-balancer-controller"
    assert order.index("traefik-traefik") < order.index("traefik") < order.index(release)


@pytest.mark.proves("a dev stack on EKS, GKE and AKS is destroyed, the cluster after its pools", Proof.SIMULATOR)
def test_all_that_was_made_is_deleted_the_cluster_last(life: Life) -> None:
    assert [step for step in life.destroy.steps if step.operation != "delete"] == []
    deleted = [entry.token for entry in life.deletions]
    assert deleted.count(life.cloud.cluster) == 1
    assert life.cloud.group not in deleted[deleted.index(life.cloud.cluster) :]
