"""The examples of a stack divided into three: what one says of another, and that no object is in two of them."""

from __future__ import annotations

import itertools

import pytest

from headroom.desired import Desired
from headroom.settings import Stack, load
from headroom.settings.cluster import CLOUDS, ExistingCluster
from tests.desired.stacks import STACKS, desired
from tests.evidence import Proof

PARTS = ("prod-cluster", "prod-platform", "prod-servers")


def stack(name: str) -> Stack:
    return load(STACKS[name])


def identities(of: Desired) -> set[tuple[str, str, str]]:
    objects = {(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]) for item in of.objects}
    releases = {("Release", release.namespace, release.name) for addon in of.platform.values() for release in addon.releases}
    return objects | releases


@pytest.mark.proves("cluster, platform and servers as stacks of their own, joined by stack references", Proof.SCHEMA)
@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(PARTS, 2)))
def test_nothing_is_made_by_two_of_the_stacks(one: str, other: str) -> None:
    assert identities(desired(one)).isdisjoint(identities(desired(other)))


@pytest.mark.parametrize("part", PARTS[1:])
def test_the_later_stacks_refer_to_the_cluster_of_the_first(part: str) -> None:
    cluster, made = stack(part).cluster, stack(PARTS[0]).cluster
    assert isinstance(cluster, ExistingCluster)
    assert isinstance(made, CLOUDS)
    assert (cluster.stack, cluster.name, cluster.distribution) == (f"organization/headroom/{PARTS[0]}", made.name, made.provider)


def test_the_servers_stack_describes_the_pools_as_the_first_makes_them() -> None:
    described, made = stack("prod-servers").pools, stack("prod-cluster").pools
    assert described
    for name, pool in described.items():
        assert pool == made[name]


def test_the_servers_stack_installs_nothing() -> None:
    assert not [release for addon in desired("prod-servers").platform.values() for release in addon.releases]
