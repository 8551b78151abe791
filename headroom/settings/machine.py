"""The machine of a pool: one of the catalogue by its name, or described in the stack file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from headroom.catalog.gpus import GPUS, Capability, Gpu
from headroom.catalog.images import Architecture
from headroom.catalog.machines import Machine, machines
from headroom.settings.base import ComputeCapability, Count, LabelValue, Memory, Settings, quantity

_UNKNOWN = Gpu(0, (0, 0))


def _usd(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise ValueError("must be a price in US dollars such as 0.98")
    return value


Usd = Annotated[float, BeforeValidator(_usd), Field(title="US dollars")]


class OwnMachine(Settings):
    """A machine type that the catalogue does not know, or whose price is another one. What is left out is the catalogue's."""

    type: str = Field(min_length=1, description="machine type as its cloud names it")
    gpu: LabelValue | None = Field(default=None, description="kind of GPU, as GPU Feature Discovery labels nodes (nvidia.com/gpu.product)")
    gpus: Count | None = Field(default=None, ge=1, le=16, description="GPUs")
    gpu_memory: Memory | None = Field(default=None, description="memory of each GPU; known of the catalogue's GPUs")
    compute_capability: ComputeCapability | None = Field(
        default=None, description="compute capability of its GPUs; known of the catalogue's"
    )
    mig_profiles: dict[str, Count] | None = Field(
        default=None, description="MIG profiles and how many instances of each one GPU holds; known of the catalogue's GPUs"
    )
    architecture: Architecture | None = Field(default=None, description="its processor; amd64 where the catalogue does not know it")
    vcpus: Count | None = Field(default=None, ge=1, description="virtual CPUs")
    memory: Memory | None = Field(default=None, description="memory")
    hourly_usd: Usd | None = Field(default=None, alias="hourlyUSD", description="what an hour costs on demand: your own rate")
    spot_hourly_usd: Usd | None = Field(
        default=None, alias="spotHourlyUSD", description="what an hour of spot capacity costs: your own rate"
    )

    @model_validator(mode="before")
    @classmethod
    def _is_described(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError("must be the name of a machine type, or a mapping that describes one")
        return value

    @model_validator(mode="after")
    def _complete(self) -> OwnMachine:
        missing = [key for key in ("gpu", "gpus", "vcpus", "memory") if getattr(self, key) is None]
        if missing and self.type not in machines():
            raise ValueError(f"its type is not in the catalogue, so {', '.join(missing)} must be said here")
        if self.gpu and self.gpu not in GPUS and (self.gpu_memory is None or self.compute_capability is None):
            raise ValueError("its gpu is not in the catalogue, so gpuMemory and computeCapability must be said here")
        return self

    @property
    def described(self) -> Machine:
        known = machines().get(self.type)
        machine = known or Machine(self.type, None, "", 0, 0, (0, 0), 0, 0)
        if self.gpu:
            card = GPUS.get(self.gpu, _UNKNOWN)
            machine = replace(
                machine, gpu=self.gpu, gpu_memory_mib=card.memory_mib, capability=card.capability, mig=card.mig, fraction=None
            )
        own_rate = self.hourly_usd or self.spot_hourly_usd
        said = {
            "gpus": self.gpus,
            "gpu_memory_mib": self.gpu_memory and int(quantity(self.gpu_memory) / 2**20),
            "capability": self.compute_capability and _capability(self.compute_capability),
            "mig": self.mig_profiles,
            "architecture": self.architecture,
            "vcpus": self.vcpus,
            "memory_gib": self.memory and quantity(self.memory) / 2**30,
            "hourly_usd": self.hourly_usd,
            "spot_hourly_usd": self.spot_hourly_usd,
            "price_source": f"the stack file, else {known.price_source}" if known and own_rate else "the stack file" if own_rate else None,
        }
        return replace(machine, **{key: value for key, value in said.items() if value is not None})


MachineType = Annotated[
    Annotated[str, Tag("[name]")] | Annotated[OwnMachine, Tag("[described]")],
    Discriminator(lambda value: "[name]" if isinstance(value, str) else "[described]"),
]
"""The tags are in brackets so that no path in a message shows them."""


def find_machine(written: str | OwnMachine) -> Machine:
    """The machine that a pool names or describes. Raises `KeyError` for a name that the catalogue does not know."""
    return machines()[written] if isinstance(written, str) else written.described


def whole_ones(cloud: str | None) -> dict[str, Machine]:
    """The catalogue's machines of a cloud that have whole GPUs, by name in alphabetical order; of every cloud where none is given."""
    return {name: known for name, known in sorted(machines().items()) if cloud in (None, known.cloud) and known.fraction is None}


def _capability(text: str) -> Capability:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def is_known(written: str | OwnMachine) -> bool:
    """Whether a pool's machine is described somewhere."""
    return not isinstance(written, str) or written in machines()
