"""GPU machine types by cloud: what one node of a pool brings, and what an hour of it costs.

Each YAML file beside this one names the source and the date of its shapes and prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Machine:
    """A machine type, as the cloud names it."""

    name: str
    cloud: str
    gpu: str
    """`nvidia.com/gpu.product`, as GPU Feature Discovery labels the node."""
    gpus: int
    gpu_memory_mib: int
    vcpus: int
    memory_gib: int
    hourly_usd: float | None
    """On-demand, in the region that the file names; None where no source gives it."""
    price_source: str


@cache
def machines() -> dict[str, Machine]:
    """Every known machine type by its name."""
    known: dict[str, Machine] = {}
    for file in sorted(files("headroom.catalog.machines").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            known |= _read(file.read_text(), cloud=file.name.removesuffix(".yaml"))
    return known


def _read(text: str, cloud: str) -> dict[str, Machine]:
    data = yaml.safe_load(text)
    price_source = f"{data['prices']['region']}, {data['prices']['date']}"
    return {
        name: Machine(
            name=name,
            cloud=cloud,
            gpu=row["gpu"],
            gpus=row["gpus"],
            gpu_memory_mib=row["gpuMemoryMiB"],
            vcpus=row["vcpus"],
            memory_gib=row["memoryGiB"],
            hourly_usd=row.get("hourlyUSD"),
            price_source=price_source,
        )
        for name, row in data["machines"].items()
    }
