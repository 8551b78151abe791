"""What every add-on of the platform has in common."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from headroom.settings.base import Name, Settings


class Mode(StrEnum):
    HELM = "helm"
    EXISTING = "existing"
    NONE = "none"


class AddOn(Settings):
    """A platform component. `monitoring: existing` is short for `monitoring: {mode: existing}`."""

    mode: Mode = Field(
        default=Mode.EXISTING,
        description="helm: the program installs its chart; existing: the cluster has it; none: it has not, and nothing may need it",
    )
    namespace: Name = Field(description="namespace that it runs in")
    release: Name = Field(description="name of its Helm release; its objects are named after it")
    overrides: dict[str, Any] = Field(
        default_factory=dict,
        description="values of its chart, laid over those of the program last; a key that the chart has not is refused",
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if not isinstance(value, str | Mapping):
            raise ValueError(f"must be one of {', '.join(Mode)}, or a mapping with mode")
        return {"mode": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _overrides_have_a_chart(self) -> AddOn:
        if self.overrides and self.mode is not Mode.HELM:
            raise ValueError("overrides are values of a chart, and this program installs none: set mode: helm, or leave overrides out")
        return self
