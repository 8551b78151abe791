"""Credentials in a stack file: encrypted there, never read by anything here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from headroom.settings.base import Settings, is_encrypted
from headroom.settings.problems import Problem


class Encrypted(Settings):
    """A value that Pulumi encrypted."""

    secure: str = Field(description="the ciphertext, written by `pulumi config set --secret`")


Credentials = Annotated[
    Encrypted | dict[str, Encrypted], Field(description="secrets by name, each set by `pulumi config set --secret --path`, or all in one")
]


def unencrypted(credentials: Any) -> Iterator[Problem]:
    """What in a file's credentials is not encrypted."""
    if not isinstance(credentials, Mapping):
        yield Problem(("credentials",), "must be a mapping of names to encrypted values")
    elif not is_encrypted(credentials):
        for name, value in credentials.items():
            if not is_encrypted(value):
                yield Problem(
                    ("credentials", name),
                    f"is not encrypted: take it out and set it with `pulumi config set --secret --path headroom:credentials.{name}`; "
                    "a secret that was committed in plain text is no secret any more",
                )


def names_of(credentials: Any) -> frozenset[str] | None:
    """The names of a file's credentials; None where all of them are one encrypted value."""
    return None if not isinstance(credentials, Mapping) or is_encrypted(credentials) else frozenset(credentials)
