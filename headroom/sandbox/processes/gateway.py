"""The door of the namespace: listens on the clone's loopback ports outside, forwards to the processes inside."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.sandbox.layout import FORWARDED, address
from headroom.sandbox.process import Process, python


def describe(sockets: Mapping[str, int]) -> Process:
    """`sockets`: listening file descriptors by the name of what they lead to; empty for a gateway that already has them."""
    return Process(
        name="gateway",
        argv=python("headroom.sandbox.gateway", *(f"{name}={address(name)}" for name in FORWARDED)),
        inherits=sockets,
    )
