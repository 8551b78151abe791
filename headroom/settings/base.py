"""What every settings model has in common, and the small types that carry units."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS_PER = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
_NAME = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"


class Settings(BaseModel):
    """Base of every part of a stack file: camelCase keys, nothing unknown, nothing changed later, no input in a message."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, alias_generator=to_camel, populate_by_name=True, use_enum_values=False
    )


def seconds(text: str) -> Decimal:
    """Seconds of a duration such as `500ms`, `15s`, `10m`. Raises `ValueError` with the allowed forms."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is a number and a unit: 500ms, 15s, 10m or 1h")
    return Decimal(match[1]) * _SECONDS_PER[match[2]]


def _duration(value: Any) -> Any:
    return float(seconds(value)) if isinstance(value, str) else value


Duration = Annotated[
    float,
    BeforeValidator(_duration, json_schema_input_type=Annotated[str, Field(pattern=_DURATION.pattern)] | float),
    Field(ge=0, description="a duration such as 500ms, 15s or 10m; a bare number is seconds"),
]

Name = Annotated[
    str,
    Field(
        pattern=_NAME,
        max_length=40,
        description="a DNS label of at most 40 characters, so that every object made from it has a name that Kubernetes accepts",
    ),
]

KubernetesQuantity = Annotated[
    str,
    Field(pattern=r"^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$", description="a Kubernetes quantity such as 500m, 4 or 32Gi"),
    BeforeValidator(lambda value: str(value) if isinstance(value, int) and not isinstance(value, bool) else value),
]
