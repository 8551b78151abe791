"""GPU machine types by cloud: what one node of a pool brings, and what an hour of it costs.

Each YAML file beside this one names the source and the date of its shapes and prices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat
from pydantic.alias_generators import to_camel

from headroom import yaml_text
from headroom.catalog.gpus import GPUS, Capability
from headroom.catalog.images import Architecture


@dataclass(frozen=True)
class Machine:
    """A machine type, as the cloud names it."""

    name: str
    cloud: str | None
    """None where the stack file describes the machine."""
    gpu: str
    """`nvidia.com/gpu.product`, as GPU Feature Discovery labels the node."""
    gpus: int
    gpu_memory_mib: int
    """Of each."""
    capability: Capability
    vcpus: int
    memory_gib: float
    mig: Mapping[str, int] = field(default_factory=dict)
    """Instances of each MIG profile that one of its GPUs holds; none where it cannot be cut."""
    architecture: Architecture = "amd64"
    fraction: Fraction | None = None
    """Of the one GPU that it has, where that is not a whole one: a virtual GPU, which the device plugin does not count."""
    hourly_usd: float | None = None
    """On demand, in the region that `price_source` names; None where no source gives it."""
    spot_hourly_usd: float | None = None
    price_source: str = ""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class _Prices(_Record):
    source: str
    region: str
    date: date


class _Shape(_Record):
    gpu: Literal[tuple(GPUS)]  # pyright: ignore[reportInvalidTypeForm] what is known is data
    gpus: int = Field(ge=1, le=16)
    fraction: Fraction | None = Field(default=None, gt=0, lt=1)
    architecture: Architecture = "amd64"
    vcpus: int = Field(ge=1)
    memory_gib: int = Field(alias="memoryGiB", ge=1)
    hourly_usd: PositiveFloat | None = Field(default=None, alias="hourlyUSD")
    spot_hourly_usd: PositiveFloat | None = Field(default=None, alias="spotHourlyUSD")


class _Cloud(_Record):
    prices: _Prices
    machines: dict[str, _Shape]


@cache
def machines() -> dict[str, Machine]:
    """Every known machine type by its name. Raises pydantic's `ValidationError` for a file that does not keep to the form."""
    known: dict[str, Machine] = {}
    for file in sorted(files("headroom.catalog.machines").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            known |= read(file.read_text(), cloud=file.name.removesuffix(".yaml"))
    return known


def read(text: str, cloud: str) -> dict[str, Machine]:
    """The machines of one cloud's file."""
    data = _Cloud.model_validate(yaml_text.load(text))
    return {name: _machine(name, cloud, shape, data.prices) for name, shape in data.machines.items()}


def _machine(name: str, cloud: str, shape: _Shape, prices: _Prices) -> Machine:
    gpu = GPUS[shape.gpu]
    return Machine(
        name=name,
        cloud=cloud,
        gpu=shape.gpu,
        gpus=shape.gpus,
        gpu_memory_mib=int(gpu.memory_mib * (shape.fraction or 1)),
        capability=gpu.capability,
        vcpus=shape.vcpus,
        memory_gib=shape.memory_gib,
        mig={} if shape.fraction else gpu.mig,
        architecture=shape.architecture,
        fraction=shape.fraction,
        hourly_usd=shape.hourly_usd,
        spot_hourly_usd=shape.spot_hourly_usd,
        price_source=f"{prices.region}, {prices.date}",
    )
