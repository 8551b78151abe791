"""A load generator inside the cluster, beside the server that it asks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from headroom.settings.base import Count, Image, LabelKey, LabelValue, Settings

FilePath = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$", max_length=200)]
"""Of a file in a container; its ConfigMap's key is made of it."""


class Load(Settings):
    """Client pods that send requests to the server until they are taken away: raise `clients`, look at the autoscaler, lower it again."""

    clients: Count = Field(default=1, ge=0, le=100, description="client pods")
    concurrency: Count = Field(default=1, ge=1, le=10_000, description="requests, or streams, that each of them keeps in flight")
    image: Image | None = Field(default=None, description="image of the client; the engine's own client when left out")
    command: tuple[str, ...] = Field(default=(), description="its command, where the image is another one than the engine's client")
    arguments: tuple[str, ...] = Field(
        default=(),
        description="its arguments; in them and in `command`, `$host`, `$model` and `$concurrency` stand for the server's address, "
        "its model, and the above",
    )
    files: dict[FilePath, str] = Field(
        default_factory=dict,
        description="texts in its container by their paths, such as what it sends; those of the engine's own client may be replaced",
    )
    node_selector: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        description="labels of the nodes that they run on, such as those of a pool for clients; any untainted when left out",
    )
