"""What decides the number of a server's replicas."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from headroom.settings.base import Count, Settings, WholeSeconds


class Backend(StrEnum):
    KEDA = "keda"
    """KEDA reads the signals from Prometheus; it alone can scale to zero."""
    HPA = "hpa"
    """The HorizontalPodAutoscaler reads them through prometheus-adapter."""


class Replicas(Settings):
    """Bounds of the replica count."""

    min: Count = Field(default=1, ge=0, description="replicas that always run; 0 lets the server sleep and needs wake")
    max: Count = Field(ge=1, description="replicas that the pool must be able to hold")

    @model_validator(mode="after")
    def _min_below_max(self) -> Replicas:
        if self.min > self.max:
            raise ValueError("min is larger than max: the autoscaler would have no count to choose; lower min or raise max")
        return self


class ScaleUp(Settings):
    """How fast replicas are added. Defaults suit servers that start in minutes: a demand that lasts, a step, time to see what it did."""

    stabilization: WholeSeconds = Field(default=60, le=3600, description="how long a higher demand must hold before it counts")
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


class Wake(Settings):
    """What wakes a server that sleeps. Its own pods cannot: there are none."""

    query: str | None = Field(
        default=None,
        description="PromQL that is above 0 while somebody asks for the server and has a value without replicas too; "
        "the requests for the server's route when left out",
    )
    after: WholeSeconds = Field(
        default=600,
        ge=10,
        le=24 * 3600,
        description="how long nobody must have asked until the server sleeps; twice as long as Prometheus may be gone",
    )

    @property
    def silence(self) -> float:
        """Seconds that Prometheus must have watched without seeing anybody ask; the rest of `after` is the autoscaler's cool-down."""
        return self.after / 2

    @property
    def cool_down(self) -> int:
        return math.ceil(self.after - self.silence)


class Autoscaling(Settings):
    """What decides the number of replicas."""

    backend: Backend = Field(
        default=Backend.KEDA, description="which autoscaler holds the targets: keda, or hpa where a cluster must not have KEDA"
    )
    replicas: Replicas = Field(description="bounds of the replica count")
    signals: dict[str, Target] = Field(min_length=1, description="targets by signal; units where they have one: 500ms, 60%")
    scale_up: ScaleUp = Field(default_factory=ScaleUp, description="how fast replicas are added")
    scale_down: ScaleDown = Field(default_factory=ScaleDown, description="how fast replicas are taken away")
    wake: Wake | None = Field(default=None, description="what wakes the server from replicas.min: 0")
    fallback: Count | None = Field(
        default=None,
        ge=1,
        description="replicas at least while the signals cannot be read, never fewer than there are; the present ones when left out",
    )
