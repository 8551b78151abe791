"""A managed identity of Azure by its resource id: where it is, so that the program may let a server's pods be it."""

from __future__ import annotations

import re
from dataclasses import dataclass

EXAMPLE = "/subscriptions/…/resourceGroups/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME"

_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.ManagedIdentity"
    r"/userAssignedIdentities/(?P<name>[^/]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ManagedIdentity:
    """A user-assigned one."""

    subscription: str
    group: str
    name: str


def managed_identity(identity: str) -> ManagedIdentity | None:
    """What a resource id names; None for anything else, such as a client ID."""
    found = _ID.fullmatch(identity)
    return ManagedIdentity(**found.groupdict()) if found else None
