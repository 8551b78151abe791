"""Where charts and images come from: upstream, or a mirror of a cluster without the internet."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Settings


class Charts(Settings):
    """The source of the platform's charts."""

    source: str | None = Field(
        default=None,
        min_length=1,
        description="a directory of packaged charts as `make charts` fills it, relative to the project, or an OCI registry such as "
        "oci://registry.example.com/charts; each chart's own repository when left out",
    )


class Images(Settings):
    """The source of every image that the program names, add-ons' and servers'."""

    registry: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-zA-Z0-9._:/-]*[a-zA-Z0-9]$",
        description="a mirror such as registry.example.com/mirror: it takes the place of each image's own registry",
    )
