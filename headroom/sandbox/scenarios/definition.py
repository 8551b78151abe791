"""A scenario as its file says it: `headroom/sandbox/scenarios/<name>.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, model_validator

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.steps import MAX_LEVEL
from headroom.sandbox.scenarios.conditions import Condition
from headroom.sandbox.scenarios.expectations import Expectation
from headroom.settings.base import Duration, Settings

DIRECTORY = Path(__file__).parent


class Phase(Settings):
    name: str = Field(description="what the report calls it")
    level: int = Field(ge=0, le=MAX_LEVEL, description="requests in flight")
    seconds: Duration = Field(gt=0, le=900, description="how long it lasts, or may last")
    until: Condition | None = Field(default=None, description="ends the phase earlier")


class Scenario(Settings):
    sentence: str = Field(description="what it shows")
    phases: tuple[Phase, ...] = Field(min_length=1)
    reaction: str | None = Field(default=None, description="the phase from whose beginning the first higher count is timed")
    expects: tuple[Expectation, ...] = Field(min_length=1, description="what must have been seen at the end")

    @model_validator(mode="after")
    def _reacts_in_a_phase(self) -> Self:
        if self.reaction is not None and self.reaction not in (phase.name for phase in self.phases):
            raise ValueError(f"reaction: {self.reaction!r} is not the name of a phase")
        return self

    @property
    def sends(self) -> bool:
        """Whether it sends requests at all."""
        return any(phase.level for phase in self.phases)


def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))


def read(name: str) -> Scenario:
    """Raises `SandboxError` with the known names."""
    if name not in names():
        raise SandboxError(f"there is no scenario {name!r}; there are: {', '.join(names())}")
    return Scenario.model_validate(yaml.safe_load((DIRECTORY / f"{name}.yaml").read_text()))
