"""What a stack's nodes cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.report.price import HOURS_PER_MONTH, prices
from headroom.settings import load
from headroom.settings.cluster import Pool
from tests.components.program import ROOT

LOCAL = load(ROOT / "stacks" / "Pulumi.local.yaml")


def test_a_pool_costs_its_nodes_times_the_hours_of_a_month() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", min=1, max=5)}))
    assert price.monthly(5) == pytest.approx(5 * 0.9776 * HOURS_PER_MONTH)


def test_a_pool_that_can_be_empty_costs_nothing_at_its_smallest() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", min=0, max=5)}))
    assert price.monthly(price.min_nodes) == 0


def test_nodes_that_are_held_warm_are_there_at_the_smallest_and_named_as_idle() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", min=0, max=5, warm=2)}))
    assert (price.min_nodes, price.warm_nodes) == (2, 2)


def test_several_placeholders_share_a_node_that_holds_several_replicas() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.12xlarge", max=5, warm=5)}))
    assert price.warm_nodes == 2


def test_nodes_that_kwok_plays_are_said_to_be_played() -> None:
    assert [price.played for price in prices(LOCAL)] == [True]
