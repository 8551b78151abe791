"""Karpenter, and the machines that it may make: every one of the catalogue.

Source of the file's form: kubernetes-sigs/karpenter v1.14.1 kwok/cloudprovider/helpers.go. An offering in it is there to be had, so what
nobody gets at present is left out of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from headroom.catalog.machines import Machine, machines
from headroom.catalog.names import GPU_RESOURCE
from headroom.desired.node_pools import CAPACITY_LABEL, ZONE_LABEL
from headroom.sandbox.layout import Layout
from headroom.sandbox.platform import definitions
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import karpenter as process
from headroom.sandbox.tasks import Task
from headroom.settings.pool import Capacity

KINDS = {"karpenter.sh/v1": ("nodeclaims", "nodepools"), "karpenter.kwok.sh/v1alpha1": ("kwoknodeclasses",)}
ZONE = "sandbox"
_UNKNOWN_PRICE = 1.0
_SPOT_SHARE = 0.5
"""Of the price on demand, where no source gives one: that spot is the cheaper is all that the choice rests on."""


def tasks(site: Site) -> list[Task]:
    layout, supervisor = site.layout, site.supervisor
    found = [instance_type(machine, out_of_stock(layout)) for machine in machines().values()]
    layout.instance_types.write_text(json.dumps(found, indent=1))
    return [
        supervisor.step("karpenter-definitions", ("kube-apiserver",), partial(_install_kinds, site)),
        supervisor.task(process.describe(layout, site.tools["karpenter"])),
    ]


ADD_ON = AddOn("karpenter", ("karpenter",), tasks, processes=("karpenter",))


def out_of_stock(layout: Layout) -> frozenset[str]:
    """The capacity types that nobody gets at present: a word each in a file that is usually not there."""
    return frozenset(layout.out_of_stock.read_text().split()) if layout.out_of_stock.exists() else frozenset()


def instance_type(machine: Machine, without: Collection[str] = ()) -> dict[str, Any]:
    """A machine as the provider's file names it, on demand and spot, but for the capacity types that it is `without`."""
    resources = {"cpu": str(machine.vcpus), "memory": f"{machine.memory_gib:g}Gi", "pods": "110", GPU_RESOURCE: str(machine.gpus)}
    return {
        "name": machine.name,
        "architecture": machine.architecture,
        "operatingSystems": ["linux"],
        "resources": resources,
        "offerings": [offering for capacity, offering in _offerings(machine) if capacity not in without],
    }


def _offerings(machine: Machine) -> Iterator[tuple[str, dict[str, Any]]]:
    price = machine.hourly_usd or _UNKNOWN_PRICE
    for capacity, costs in ((Capacity.ON_DEMAND, price), (Capacity.SPOT, machine.spot_hourly_usd or price * _SPOT_SHARE)):
        labels = {CAPACITY_LABEL: str(capacity), ZONE_LABEL: ZONE}
        requirements = [{"key": key, "operator": "In", "values": [value]} for key, value in labels.items()]
        yield str(capacity), {"Price": costs, "Available": True, "Requirements": requirements}


def _install_kinds(site: Site) -> None:
    texts = [path.read_text() for path in sorted(site.tools["karpenter"].parent.glob("*.yaml"))]
    for version, kinds in KINDS.items():
        found = definitions.select(texts, version.partition("/")[0], kinds, "the module of Karpenter")
        definitions.install(site.layout, site.api, version, found)
