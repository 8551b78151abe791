"""Where requests may go: the ready pods of one Service, inside the sandbox's own network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import POD_NETWORK

ALLOWED = (ipaddress.ip_network(POD_NETWORK), ipaddress.ip_network("127.0.0.0/8"))


class ForbiddenAddress(SandboxError):
    def __init__(self, host: str) -> None:
        allowed = " or ".join(str(network) for network in ALLOWED)
        super().__init__(f"load may not be sent to {host}: it goes to addresses in {allowed} only, the sandbox's pods")


@dataclass(frozen=True, order=True)
class Address:
    """Host and port that load may be sent to. Raises `ForbiddenAddress` for any other.

    On the way through an ingress, requests say by `authority` and by `prefix`, what their paths begin with, which server they are for.
    """

    host: str
    port: int
    authority: str = ""
    prefix: str = ""

    def __post_init__(self) -> None:
        try:
            ip = ipaddress.ip_address(self.host)
        except ValueError:
            raise ForbiddenAddress(self.host) from None
        if not any(ip in network for network in ALLOWED):
            raise ForbiddenAddress(self.host)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}{self.prefix}"

    @property
    def name(self) -> str:
        """What an HTTP request says as its `Host`."""
        return self.authority or f"{self.host}:{self.port}"


def ready_addresses(slices: Iterable[Mapping[str, Any]], port: str) -> tuple[Address, ...]:
    """The addresses of a Service's EndpointSlices that may get a new request, each once, in order.

    A terminating endpoint still serves what it has, and is never ready
    (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions).
    """
    found = {
        Address(host, number)
        for item in slices
        for number in _numbers(item, port)
        for endpoint in item.get("endpoints") or []
        if endpoint.get("conditions", {}).get("ready") and not endpoint.get("conditions", {}).get("terminating")
        for host in endpoint["addresses"]
    }
    return tuple(sorted(found))


def _numbers(item: Mapping[str, Any], port: str) -> list[int]:
    return [entry["port"] for entry in item.get("ports") or [] if entry.get("name") == port and entry.get("port")]


class RoundRobin:
    """One address after the other; the set may change at any time.

    Where there is an `entrance`, every request goes there, and the ingress behind it chooses: then the set is only counted.
    """

    def __init__(self, entrance: Address | None = None) -> None:
        self._entrance = entrance
        self._addresses: tuple[Address, ...] = ()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._addresses)

    def replace(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = addresses

    def next(self) -> Address | None:
        """None while there is none."""
        if self._entrance:
            return self._entrance
        if not self._addresses:
            return None
        self._turn += 1
        return self._addresses[self._turn % len(self._addresses)]
