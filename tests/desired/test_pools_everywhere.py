"""What a pool is on every provider, whatever each calls it: one suite for the sandbox, EKS, GKE and AKS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from headroom.catalog.names import POOL_NODE_LABEL
from headroom.desired import Desired, render
from headroom.desired.pools import NodeGroup
from headroom.desired.pools.aks import AgentPool
from headroom.desired.pools.eks import EksNodeGroup
from headroom.desired.pools.gke import GkeNodePool
from headroom.settings import load
from headroom.settings.pool import Pool
from tests.desired.stacks import STACKS
from tests.evidence import Proof

CLOUDS = {"eks": "dev-eks", "gke": "dev-gke", "aks": "dev-aks"}
EVERYWHERE = {"kwok": "local", **CLOUDS}
LARGER = {"eks": "g6.4xlarge", "gke": "g2-standard-12", "aks": "Standard_NC16as_T4_v3"}
RESERVATION = {
    "eks": {"reservation": "cr-0123456789abcdef0", "zones": ["us-west-2a"]},
    "gke": {"reservation": "gpus"},
    "aks": {"reservation": "/subscriptions/0/resourceGroups/r/providers/Microsoft.Compute/capacityReservationGroups/gpus"},
}
TAINT = {"key": "team", "value": "speech", "effect": "NoExecute"}


@dataclass(frozen=True)
class Nodes:
    """Nodes as a scheduler will see them, and how many there may be."""

    labels: dict[str, str]
    taints: set[tuple[str, str, str]]
    bounds: tuple[int, int]


def asked(provider: str, **pool: Any) -> Desired:
    stack = load(STACKS[EVERYWHERE[provider]])
    ((name, own),) = stack.pools.items()
    changed = Pool.model_validate({"machine": own.machine, "min": 1, "max": 5, **pool})
    return render(replace(stack, pools={name: changed}))


def groups(provider: str, **pool: Any) -> tuple[NodeGroup, ...]:
    return asked(provider, **pool).node_groups


def nodes(provider: str, **pool: Any) -> list[Nodes]:
    desired = asked(provider, **pool)
    if provider != "kwok":
        return [_of(group) for group in desired.node_groups]
    ((first, *others),) = desired.pools.values()
    taints = {(taint["key"], taint["value"], taint["effect"]) for taint in first["spec"]["taints"]}
    return [Nodes(first["metadata"]["labels"], taints, (1, 1 + len(others)))]


def _of(group: NodeGroup) -> Nodes:
    match group:
        case EksNodeGroup(arguments=found):
            size = found["scaling_config"]
            return Nodes(found["labels"], set(_taints(found["taints"])), (size["min_size"], size["max_size"]))
        case GkeNodePool(arguments=found):
            config, size = found["node_config"], found["autoscaling"]
            return Nodes(config["labels"], set(_taints(config["taints"])), (size["total_min_node_count"], size["total_max_node_count"]))
        case AgentPool(arguments=found):
            parts = [taint.replace("=", ":", 1).split(":") for taint in found["node_taints"]]
            return Nodes(found["node_labels"], {(k, v, effect) for k, v, effect in parts}, (found["min_count"], found["max_count"]))
        case _:
            raise AssertionError(group)


def _taints(found: list[dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    spelled = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}
    return ((taint["key"], taint["value"], spelled[taint["effect"]]) for taint in found)


def tolerated(taint: tuple[str, str, str], tolerations: list[dict[str, str]]) -> bool:
    key, value, effect = taint
    return any(
        one.get("key") in (None, key) and one.get("effect") in (None, effect) and (one.get("operator") == "Exists" or one["value"] == value)
        for one in tolerations
    )


@pytest.mark.proves("one contract of pools for the sandbox, EKS, GKE and AKS", Proof.SCHEMA)
@pytest.mark.parametrize("provider", EVERYWHERE)
@pytest.mark.parametrize("own", [{}, {"labels": {"team": "speech"}, "taints": [TAINT]}], ids=["plain", "labels and taints"])
def test_a_servers_pods_fit_the_nodes_of_its_pool(provider: str, own: dict[str, Any]) -> None:
    (server,) = asked(provider, **own).servers
    pod = server.objects["workload"]["spec"]["template"]["spec"]
    for found in nodes(provider, **own):
        assert found.taints
        assert all(tolerated(taint, pod["tolerations"]) for taint in found.taints)
        assert pod["nodeSelector"].items() <= found.labels.items()
        assert POOL_NODE_LABEL in pod["nodeSelector"]


@pytest.mark.parametrize("provider", EVERYWHERE)
def test_nodes_have_the_labels_and_taints_of_their_pool(provider: str) -> None:
    (found,) = nodes(provider, labels={"team": "speech"}, taints=[TAINT])
    assert found.labels["team"] == "speech"
    assert ("team", "speech", "NoExecute") in found.taints


@pytest.mark.parametrize("provider", EVERYWHERE)
def test_there_are_as_many_as_the_pool_says(provider: str) -> None:
    assert [found.bounds for found in nodes(provider, min=1, max=4)] == [(1, 4)]


@pytest.mark.parametrize("provider", CLOUDS)
def test_spot_nodes_fall_back_to_others_of_the_pool_that_nobody_keeps(provider: str) -> None:
    spot, instead = nodes(provider, capacity="spot", fallback=True, min=2, max=4)
    assert (spot.bounds, instead.bounds) == ((2, 4), (0, 4))
    assert spot.labels[POOL_NODE_LABEL] == instead.labels[POOL_NODE_LABEL]


@pytest.mark.parametrize("provider", CLOUDS)
@pytest.mark.parametrize("change", [{"min": 0}, {"max": 6}, {"labels": {"team": "b"}}, {"taints": [TAINT]}], ids=str)
def test_what_changes_in_place_keeps_the_name(provider: str, change: dict[str, Any]) -> None:
    assert [group.name for group in groups(provider, **change)] == [group.name for group in groups(provider)]


@pytest.mark.parametrize("provider", CLOUDS)
def test_another_machine_or_sharing_is_another_group(provider: str) -> None:
    found = [groups(provider), groups(provider, machine=LARGER[provider]), groups(provider, sharing={"mode": "mps", "replicas": 2})]
    assert len({group.name for (group,) in found}) == len(found)


@pytest.mark.parametrize("provider", CLOUDS)
def test_reserved_nodes_alone_go_before_their_successors(provider: str) -> None:
    (reserved,) = groups(provider, capacity="reserved", **RESERVATION[provider])
    assert reserved.delete_first
    assert not any(group.delete_first for group in groups(provider, capacity="spot", fallback=True))
