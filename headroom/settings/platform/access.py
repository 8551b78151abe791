"""How requests to a Prometheus show that they may ask."""

from __future__ import annotations

import ssl
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from headroom.settings.base import Name, Settings
from headroom.settings.platform.forms import form

_SECRET = {"authorization", "proxy-authorization", "cookie"}


def _header(value: str) -> str:
    if value.lower() in _SECRET:
        raise ValueError("would be a secret in plain text: name a credential as token or password")
    return value


def _certificates(value: str) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=value)
    except ssl.SSLError:
        raise ValueError("must be certificates in PEM form, as they stand between BEGIN CERTIFICATE and END CERTIFICATE") from None
    return value


HeaderName = Annotated[str, form(r"[A-Za-z][A-Za-z0-9-]*", "the name of an HTTP header such as X-Scope-OrgID"), AfterValidator(_header)]
# KEDA splits its list of headers at commas and equals signs, and has no way to quote one; a chart would read braces as a template.
HeaderValue = Annotated[str, form(r"[A-Za-z0-9._:/@|-]+", "letters, digits and . _ : / @ | -")]
Certificates = Annotated[str, AfterValidator(_certificates), Field(title="certificates in PEM form")]


class Access(Settings):
    """What KEDA and prometheus-adapter send to a Prometheus that does not answer everybody. Secrets are named, as in credentials."""

    token: Name | None = Field(default=None, description="credential that is the bearer token")
    user: str | None = Field(default=None, min_length=1, description="user name of basic authentication")
    password: Name | None = Field(default=None, description="credential that is the user's password")
    ca: Certificates | None = Field(
        default=None, description="certificates of the authority that signed its own, where that is not a public one"
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="further headers, such as X-Scope-OrgID: the tenant of Mimir, Cortex and Loki; no secrets"
    )

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials that it names, by key."""
        return {key: name for key, name in (("token", self.token), ("password", self.password)) if name}

    @model_validator(mode="after")
    def _one_way(self) -> Access:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: give both, or neither")
        if self.token and self.password:
            raise ValueError("token and password are two ways to say who asks, and a request has one: leave one out")
        return self
