"""Pod addresses: one range for all nodes, handed out in turn, so that an address is not used again at once."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network

from headroom.sandbox.layout import POD_NETWORK

_NETWORK = IPv4Network(POD_NETWORK)
# 10.244.0.0/24 is kept for the gateway and what the sandbox itself may need there.
_FIRST = int(_NETWORK.network_address) + 257
_LAST = int(_NETWORK.broadcast_address) - 1


class NoAddressLeft(Exception):
    """Every pod address is in use."""


class Addresses:
    """Who has which address. What is in use is told at the start: by the pods' status and by the agent's own records."""

    def __init__(self, in_use: Collection[str] = ()) -> None:
        self._in_use = {address for address in in_use if _within(address)}
        self._last = max((int(IPv4Address(address)) for address in self._in_use), default=_FIRST - 1)

    def take(self) -> str:
        """An address that nobody has; the least recently given first. Raises `NoAddressLeft`."""
        for _ in range(_LAST - _FIRST + 1):
            self._last = self._last + 1 if self._last < _LAST else _FIRST
            address = str(IPv4Address(self._last))
            if address not in self._in_use:
                self._in_use.add(address)
                return address
        raise NoAddressLeft(f"all {_LAST - _FIRST + 1} addresses of {POD_NETWORK} are in use")

    def give_back(self, address: str) -> None:
        self._in_use.discard(address)


def _within(address: str) -> bool:
    return _FIRST <= int(IPv4Address(address)) <= _LAST
