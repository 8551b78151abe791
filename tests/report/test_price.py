"""What a stack's nodes cost."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console
from rich.table import Table

from headroom.report.price import HOURS_PER_MONTH, prices
from headroom.report.price_table import price_table
from headroom.settings import load
from headroom.settings.machine import OwnMachine
from headroom.settings.pool import Capacity, Pool
from tests.components.program import ROOT

LOCAL = load(ROOT / "stacks" / "Pulumi.local.yaml")


def test_a_pool_costs_its_nodes_times_the_hours_of_a_month() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", min=1, max=5)}))
    assert price.monthly(5, price.on_demand) == pytest.approx(5 * 0.9776 * HOURS_PER_MONTH)


def test_a_pool_that_can_be_empty_costs_nothing_at_its_smallest() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", min=0, max=5)}))
    assert price.monthly(price.min_nodes, price.hourly) == 0


def test_nodes_that_are_held_warm_are_there_at_the_smallest_and_named_as_idle() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", min=0, max=5, warm=2)}))
    assert (price.min_nodes, price.warm_nodes) == (2, 2)


def test_several_placeholders_share_a_node_that_holds_several_replicas() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.12xlarge", max=5, warm=5)}))
    assert price.warm_nodes == 2


def test_nodes_that_kwok_plays_are_said_to_be_played() -> None:
    assert [price.played for price in prices(LOCAL)] == [True]


def test_spot_nodes_cost_the_spot_price() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g2-standard-8", max=2, capacity=Capacity.SPOT)}))
    assert (price.hourly, price.on_demand) == (0.4799, 0.8536)


def test_a_price_that_no_source_gives_is_unknown_and_not_zero() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", max=2, capacity=Capacity.SPOT)}))
    assert (price.hourly, price.monthly(2, price.hourly)) == (None, None)
    assert "unknown *" in _text(price_table((price,)))


def test_no_nodes_cost_nothing_where_no_source_gives_the_price_of_one() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g6.2xlarge", max=2, capacity=Capacity.SPOT)}))
    assert price.monthly(price.warm_nodes, price.hourly) == 0


def test_ones_own_rate_takes_the_place_of_the_catalogues() -> None:
    machine = OwnMachine.model_validate({"type": "g6.2xlarge", "spotHourlyUSD": 0.4})
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine=machine, max=2, capacity=Capacity.SPOT)}))
    assert (price.hourly, price.on_demand, price.source) == (0.4, 0.9776, "aws, the stack file, else us-east-1, 2026-07-20")


def test_spot_nodes_that_fall_back_are_marked_with_both_prices() -> None:
    (price,) = prices(replace(LOCAL, pools={"l4": Pool(machine="g2-standard-8", min=1, max=2, capacity=Capacity.SPOT, fallback=True)}))
    shown = _text(price_table((price,)))
    assert "623 to 1,246 *" in shown
    assert "350 to 701 *" in shown


def _text(table: Table) -> str:
    console = Console(width=200, file=StringIO())
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()
