"""Who reaches a server's pods in the cluster, and whom they reach."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from headroom.settings.base import Settings

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def _peer(value: str) -> str:
    if _NAMESPACE.fullmatch(value):
        return value
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError("must be a namespace, or a range of addresses such as 10.0.0.0/8, its host bits zero") from None
    return value


Peer = Annotated[str, AfterValidator(_peer), Field(title="namespace or range of addresses")]


def is_range(peer: str) -> bool:
    return "/" in peer


class Network(Settings):
    """What its NetworkPolicy lets through beside what the program knows by itself: its Prometheus, its route, what its engine fetches.

    NetworkPolicies add up: what neither setting can say, another policy over the same pods can.
    """

    clients: tuple[Peer, ...] | None = Field(
        default=None,
        description="who in the cluster may send it requests: namespaces, and ranges of addresses; its own namespace when left out",
    )
    reaches: tuple[Peer, ...] = Field(
        default=(),
        description="what else its pods may connect to: namespaces, and ranges of addresses, such as 0.0.0.0/0. Without: names, what its "
        "engine fetches, its cloud's identity, and every address in environment, arguments and models",
    )
