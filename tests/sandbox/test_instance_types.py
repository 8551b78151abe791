"""The machines of the catalogue, as the KWOK provider of Karpenter is told of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from headroom.catalog.machines import Machine, machines
from headroom.paths import Clone
from headroom.sandbox.layout import Layout
from headroom.sandbox.platform.karpenter import instance_type, out_of_stock

MACHINE = replace(machines()["g6.12xlarge"], hourly_usd=4.0, spot_hourly_usd=None)


def prices(machine: Machine = MACHINE, without: frozenset[str] = frozenset()) -> dict[str, float]:
    offerings = instance_type(machine, without)["offerings"]
    return {offering["Requirements"][0]["values"][0]: offering["Price"] for offering in offerings}


def test_a_machine_has_its_gpus_before_there_is_a_node() -> None:
    assert instance_type(MACHINE)["resources"] == {"cpu": "48", "memory": "192Gi", "pods": "110", "nvidia.com/gpu": "4"}


@pytest.mark.parametrize("spot", [None, 1.5])
def test_spot_is_the_cheaper(spot: float | None) -> None:
    found = prices(replace(MACHINE, spot_hourly_usd=spot))
    assert found["on-demand"] == 4.0
    assert found["spot"] < found["on-demand"]


def test_every_machine_has_a_price() -> None:
    assert all(price > 0 for machine in machines().values() for price in prices(machine).values())


def test_what_nobody_gets_is_not_offered() -> None:
    assert set(prices(without=frozenset({"spot"}))) == {"on-demand"}


@pytest.mark.parametrize(("written", "read"), [(None, set[str]()), ("spot\n", {"spot"}), ("spot on-demand", {"spot", "on-demand"})])
def test_a_file_says_what_nobody_gets(tmp_path: Path, written: str | None, read: set[str]) -> None:
    layout = Layout(Clone(tmp_path))
    layout.root.mkdir(parents=True)
    if written is not None:
        layout.out_of_stock.write_text(written)
    assert out_of_stock(layout) == read
