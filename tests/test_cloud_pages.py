"""What the clouds' pages promise of the dev stacks: the price of an hour, and the quota to ask for."""

from __future__ import annotations

import re

import pytest

from headroom.catalog.machines import Machine
from headroom.settings import load
from headroom.settings.machine import find_machine
from tests.components.program import ROOT

CLOUDS = ("eks", "gke", "aks")


def _page(cloud: str) -> str:
    return (ROOT / "docs" / "clouds" / f"{cloud}.md").read_text()


def _pool(cloud: str) -> tuple[Machine, int]:
    (pool,) = load(ROOT / "stacks" / f"Pulumi.dev-{cloud}.yaml").pools.values()
    return find_machine(pool.machine), pool.max


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("row", ["the dev stack at rest: one", "at its largest: three"])
def test_an_hour_costs_what_the_catalogue_says(cloud: str, row: str) -> None:
    machine, most = _pool(cloud)
    nodes = most if "largest" in row else 1
    said = re.search(rf"^\| {row}[^|]*\| \$([0-9.]+) \|$", _page(cloud), re.MULTILINE)
    assert said
    assert machine.hourly_usd
    assert said[1] == f"{nodes * machine.hourly_usd:.2f}"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_quota_is_for_as_many_cpus_as_the_pool_may_have(cloud: str) -> None:
    machine, most = _pool(cloud)
    assert re.search(rf"\| {most * machine.vcpus}(:| for) three {re.escape(machine.name)}", _page(cloud))
