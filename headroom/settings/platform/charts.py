"""Where charts and images come from: upstream, or a mirror of a cluster without the internet."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from headroom.settings.base import Name, Settings
from headroom.settings.platform.forms import form

# A host is told from a name on Docker Hub by its dot or its port.
_HOST = r"([a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?|[a-z0-9-]+:[0-9]+)"
Registry = Annotated[
    str,
    form(rf"{_HOST}(/[a-z0-9]+([._-]+[a-z0-9]+)*)*", "a registry, and a path in it, such as registry.example.com/mirror, without a scheme"),
    Field(title="registry"),
]


class Charts(Settings):
    """The source of the platform's charts."""

    source: str | None = Field(
        default=None,
        min_length=1,
        description="a directory of packaged charts as `make charts` fills it, relative to the project, or an OCI registry such as "
        "oci://registry.example.com/charts; each chart's own repository when left out",
    )


class Login(Settings):
    """Who pulls from a registry."""

    user: str = Field(min_length=1, description="user name, such as a robot account's")
    password: Name = Field(description="credential that is the user's password or token")


class Images(Settings):
    """The source of every image that the program names, add-ons' and servers'."""

    registry: Registry | None = Field(
        default=None,
        description="a mirror such as registry.example.com/mirror: it takes the place of each image's own registry; an image that is in "
        "the mirror's registry already keeps its name",
    )
    login: Login | None = Field(default=None, description="what every pod pulls from the mirror with; nothing when left out")

    @model_validator(mode="after")
    def _login_to_a_mirror(self) -> Images:
        if self.login and not self.registry:
            raise ValueError("login is for a mirror, and none is named: give registry, or leave login out")
        return self
