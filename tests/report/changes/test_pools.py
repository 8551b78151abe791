"""Changes in a pool's terms, and what there was before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from headroom.report.asked import asked, steps
from headroom.report.changes import Op, Step
from headroom.report.changes.former_pools import former_prices
from headroom.report.changes.pools import PoolChange, pool_changes
from headroom.report.price import PoolPrice, prices
from headroom.settings import load
from headroom.settings.pool import Capacity
from tests.desired.stacks import STACKS, desired
from tests.report.sample import group_step, node_group, replaced, row, step

GKE = "gcp:container/nodePool:NodePool"
AKS = "azure-native:containerservice/v20250901:AgentPool"


def only(*steps: Step, before: Any = (), after: Any = ()) -> PoolChange:
    (change,) = pool_changes(steps, before, after)
    return change


def gke(machine: str, most: int, *, spot: bool = False) -> dict[str, Any]:
    config = {"machineType": machine, "spot": spot, "labels": {"headroom.dev/pool": "l4"}}
    return {"autoscaling": {"totalMinNodeCount": 0, "totalMaxNodeCount": most}, "nodeConfig": config}


def node(pool: str = "l4") -> dict[str, Any]:
    of = {"headroom.dev/pool": pool, "node.kubernetes.io/instance-type": "g6.2xlarge"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"{pool}-0", "labels": of}}


def was(steps: list[Step], now: tuple[PoolPrice, ...]) -> PoolPrice:
    found = former_prices(steps, now)
    assert found is not None
    assert len(found) == 1
    return found[0]


def test_counts_and_machine_are_terms() -> None:
    change = only(before=(row(),), after=(row("g6e.2xlarge", least=0, most=10),))
    assert [str(term) for term in change.terms] == ["machine g6.2xlarge → g6e.2xlarge", "min 1 → 0", "max 6 → 10"]


def test_a_replaced_pool_needs_quota_for_both_sets() -> None:
    """The account's quota is the one thing that no preview of the cloud checks."""
    moved = group_step(node_group(), node_group("g6e.2xlarge", most=10), op=Op.REPLACE, changes=replaced("nodeGroupName"))
    change = only(moved, before=(row(),), after=(row("g6e.2xlarge", most=10),))
    assert change.op is Op.REPLACE
    assert "quota for both, up to 6 x g6.2xlarge and 10 x g6e.2xlarge" in change.effects[0]


def test_a_replaced_pool_of_one_machine_needs_twice_as_many() -> None:
    moved = group_step(node_group(), node_group(most=6), op=Op.REPLACE)
    assert "up to 12 x g6.2xlarge" in only(moved, before=(row(),), after=(row(),)).effects[0]


def test_a_reserved_pool_goes_first_and_is_an_outage() -> None:
    moved = group_step(node_group(), node_group("g6e.2xlarge"), op=Op.REPLACE, delete_first=True)
    (effect,) = only(moved, before=(row(),), after=(row("g6e.2xlarge"),)).effects
    assert effect.startswith("its nodes go before the new ones come")
    assert "quota" not in effect


def test_what_changes_in_place_is_named_where_no_term_says_it() -> None:
    labelled = {**node_group(), "labels": {"headroom.dev/pool": "l4", "team": "speech"}}
    assert only(group_step(node_group(), labelled), before=(row(),), after=(row(),)).effects == ("in place: labels.team",)


def test_a_pool_that_is_new_or_goes_is_one() -> None:
    assert only(after=(row(),)).op is Op.CREATE
    assert only(before=(row(),)).op is Op.DELETE


def test_pools_of_which_nothing_changes_are_not_told() -> None:
    assert pool_changes([group_step(node_group(), node_group())], (row(),), (row(),)) == ()


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        ("aws:eks/nodeGroup:NodeGroup", node_group(most=4), node_group(most=6)),
        (GKE, gke("g6.2xlarge", 4), gke("g6.2xlarge", 6)),
        (AKS, {"nodeLabels": {"headroom.dev/pool": "l4"}, "vmSize": "g6.2xlarge", "minCount": 1, "maxCount": 4}, {}),
    ],
)
def test_how_many_nodes_there_were_is_told_by_each_clouds_inputs(token: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    former = former_prices([step(before, after or before, op=Op.UPDATE, token=token, name="l4")], (row(),))
    assert former is not None
    assert (former[0].machine, former[0].max_nodes, former[0].on_demand) == ("g6.2xlarge", 4, 1.0)


def test_a_machine_that_is_replaced_has_the_price_of_the_catalogue() -> None:
    moved = group_step(node_group("g6.12xlarge"), node_group(), op=Op.REPLACE)
    former = was([moved], (row(),))
    assert (former.machine, former.on_demand) == ("g6.12xlarge", 4.6016)


def test_spot_nodes_and_those_in_their_place_are_one_pool() -> None:
    pair = [{**node_group(most=4), "capacityType": kind} for kind in ("SPOT", "ON_DEMAND")]
    former = was([group_step(part, None) for part in pair], ())
    assert (former.capacity, former.falls_back, former.max_nodes) == (Capacity.SPOT, True, 4)


def test_nodes_that_kwok_plays_are_counted() -> None:
    former = was([step(node(), node()) for _ in range(3)], (row(most=5, played=True),))
    assert (former.max_nodes, former.played) == (3, True)


def test_a_machine_that_nobody_knows_leaves_what_there_was_unknown() -> None:
    assert former_prices([group_step(node_group("p99.large"), None)], ()) is None


def test_a_preview_that_says_nothing_of_nodes_leaves_it_unknown() -> None:
    """As of a cluster that is there already: its nodes are none of the program's."""
    assert former_prices([step(None, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}})], (row(),)) is None


def test_pools_that_are_all_new_were_none() -> None:
    assert former_prices([group_step(None, node_group())], (row(),)) == ()


def in_the_engines_spelling(value: Any) -> Any:
    if isinstance(value, dict):
        return {re.sub(r"_(\w)", lambda found: found[1].upper(), key): in_the_engines_spelling(entry) for key, entry in value.items()}
    return value


@pytest.mark.parametrize("name", ["dev-aks", "dev-eks", "dev-gke", "local"])
@pytest.mark.parametrize("op", [Op.SAME, Op.REPLACE])
def test_of_this_repositorys_stacks_there_was_what_there_is(name: str, op: Op) -> None:
    """Read from their node groups, whether those stay or are replaced: a pool that does not change is not told as changed."""
    settings = load(STACKS[name])
    now = prices(settings)
    asked_for = steps(None, asked(settings, desired(name)))
    groups = [replace(step, op=op, before=in_the_engines_spelling(step.after)) for step in asked_for if "kubernetes:" not in step.type]
    nodes = [replace(step, op=Op.SAME, before=step.after) for step in asked_for if step.type.endswith(":Node")]
    former = former_prices([*groups, *nodes], now)
    assert former is not None
    assert pool_changes([], former, now) == ()


def test_what_is_reserved_now_is_taken_to_have_been() -> None:
    """The launch template says so, not the node group."""
    moved = group_step(node_group("g6.12xlarge"), node_group(), op=Op.REPLACE, delete_first=True)
    assert was([moved], (row(capacity=Capacity.RESERVED),)).capacity is Capacity.RESERVED
