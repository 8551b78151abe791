"""What the clusters that the program makes have in common, whatever cloud they are on."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from pydantic import Field, model_validator

from headroom.settings.base import Addresses, Settings


class _Counted(Protocol):
    @property
    def min(self) -> int: ...

    @property
    def max(self) -> int: ...


_Nodes = TypeVar("_Nodes", bound=_Counted)


def min_at_most_max(nodes: _Nodes) -> _Nodes:
    """The check of nodes that are not of a pool."""
    if nodes.min > nodes.max:
        raise ValueError("min must be at most max")
    return nodes


class Creation(Settings):
    """A cluster that the program makes and destroys. `create: true` takes every default."""

    version: str | None = Field(
        default=None, pattern=r"^1\.[0-9]+$", description="Kubernetes version, such as 1.35; the cloud's own choice when left out"
    )
    deletion_protection: bool = Field(
        default=True, description="whether the cloud refuses to delete the cluster; `pulumi destroy` then needs it set to false first"
    )
    api_access: tuple[Addresses, ...] = Field(
        default=(), description="addresses from which its API server is reached over the internet; from its own network alone when left out"
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {} if value is True else value
