"""What decides the number of a server's replicas."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from headroom.settings.base import Count, Settings, WholeSeconds


class Backend(StrEnum):
    HPA = "hpa"


class Replicas(Settings):
    """Bounds of the replica count."""

    min: Count = Field(default=1, ge=1, description="replicas that always run")
    max: Count = Field(ge=1, description="replicas that the pool must be able to hold")

    @model_validator(mode="after")
    def _min_below_max(self) -> Replicas:
        if self.min > self.max:
            raise ValueError("min is larger than max: the autoscaler would have no count to choose; lower min or raise max")
        return self


class ScaleUp(Settings):
    """How fast replicas are added. Defaults suit servers that start in minutes: a step, then time to see what it did."""

    stabilization: WholeSeconds = Field(default=0, le=3600, description="how long a higher demand must hold before it counts")
    pods: Count = Field(default=4, ge=1, description="replicas that may be added per period")
    period: WholeSeconds = Field(default=60, gt=0, le=1800, description="the period")


class ScaleDown(Settings):
    """How fast replicas are taken away. Defaults are slow: a GPU server that is missed takes minutes to come back."""

    stabilization: WholeSeconds = Field(default=300, le=3600, description="the highest demand within this time is what counts")
    pods: Count = Field(default=1, ge=1, description="replicas that may be removed per period")
    period: WholeSeconds = Field(default=60, gt=0, le=1800, description="the period")


def _target(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a target such as 500ms, 60% or 2")
    return str(value)


Target = Annotated[str, BeforeValidator(_target, json_schema_input_type=str | float), Field(title="target")]
"""Text here; its signal judges it."""


class Autoscaling(Settings):
    """What decides the number of replicas."""

    backend: Backend = Field(description="which autoscaler holds the targets: hpa (through prometheus-adapter)")
    replicas: Replicas = Field(description="bounds of the replica count")
    signals: dict[str, Target] = Field(min_length=1, description="targets by signal; units where they have one: 500ms, 60%")
    scale_up: ScaleUp = Field(default_factory=ScaleUp, description="how fast replicas are added")
    scale_down: ScaleDown = Field(default_factory=ScaleDown, description="how fast replicas are taken away")
