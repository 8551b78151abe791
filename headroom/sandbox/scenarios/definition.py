"""A scenario as its file says it: `headroom/sandbox/scenarios/<name>.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from headroom import yaml_text
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.steps import MAX_LEVEL
from headroom.sandbox.scenarios.conditions import Condition
from headroom.sandbox.scenarios.expectations import Expectation
from headroom.sandbox.scenarios.recording import Inside
from headroom.settings.base import Duration, Settings

DIRECTORY = Path(__file__).parent
PUBLISHED = DIRECTORY / "published"


class Phase(Settings):
    name: str = Field(description="what the report calls it")
    level: int = Field(ge=0, le=MAX_LEVEL, description="requests, or streams, in flight")
    seconds: Duration = Field(gt=0, le=900, description="how long it lasts, or may last")
    short: Duration | None = Field(default=None, gt=0, description="how long it lasts in the shortened form")
    until: Condition | None = Field(default=None, description="ends the phase earlier")

    def shortened(self) -> Self:
        return self if self.short is None else self.model_copy(update={"seconds": self.short})


class Published(Settings):
    """A published recipe that is tried on the same trace: objects as they were published, `published/<objects>`."""

    objects: str = Field(description="file with the recipe's objects: one HorizontalPodAutoscaler or ScaledObject among them")
    values: dict[str, Any] = Field(default_factory=dict, description="Helm values of the platform that the recipe wants, by add-on")
    service: str = Field(description="the Service that the load goes to")
    port: str = Field(description="name of the Service's port")

    @property
    def path(self) -> Path:
        return PUBLISHED / self.objects


class Scenario(Settings):
    sentence: str = Field(description="what it shows")
    stack: str | None = Field(default=None, description="the stack that is brought up for it; without, one that is up already")
    server: str | None = Field(default=None, description="the server of the stack that it is about")
    request: dict[str, float] = Field(default_factory=dict, description="options of the load's protocol")
    phases: tuple[Phase, ...] = Field(min_length=1)
    inside: Inside | None = Field(default=None, description="what is to grow within replicas too, beside their number")
    reaction: str | None = Field(default=None, description="the phase from whose beginning the first higher count is timed")
    patience: Duration | None = Field(default=None, description="p95 of the answers' duration above which a second counts as missed")
    expects: tuple[Expectation, ...] = Field(min_length=1, description="what must have been seen at the end")
    peak: int | None = Field(default=None, ge=1, description="the most replicas that may and must have been ready")
    published: Published | None = Field(default=None, description="the published recipe to compare with")

    @model_validator(mode="after")
    def _reacts_in_a_phase(self) -> Self:
        if self.reaction is not None and self.reaction not in (phase.name for phase in self.phases):
            raise ValueError(f"reaction: {self.reaction!r} is not the name of a phase")
        return self

    @model_validator(mode="after")
    def _knows_what_is_inside(self) -> Self:
        of_inside = {Expectation.GREW_INSIDE, Expectation.SHRANK_INSIDE, Condition.SHRUNK}
        asked = of_inside & {*self.expects, *(phase.until for phase in self.phases)}
        if asked and self.inside is None:
            raise ValueError(f"inside: {', '.join(sorted(asked))} needs to know what grows within replicas")
        return self

    @property
    def sends(self) -> bool:
        """Whether it sends requests at all."""
        return any(phase.level for phase in self.phases)

    def shortened(self) -> Self:
        return self.model_copy(update={"phases": tuple(phase.shortened() for phase in self.phases)})


def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))


def read(name: str) -> Scenario:
    """Raises `SandboxError` with the known names."""
    if name not in names():
        raise SandboxError(f"there is no scenario {name!r}; there are: {', '.join(names())}")
    return Scenario.model_validate(yaml_text.load((DIRECTORY / f"{name}.yaml").read_text()))
