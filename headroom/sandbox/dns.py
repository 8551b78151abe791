"""`python -m headroom.sandbox.dns CLONE`: the cluster's DNS, for pods; on port 53 of the pod network's gateway.

The name of every Service leads to the addresses of its ready pods, in random order, as that of a headless one does in every cluster: with
no kube-proxy here, no ClusterIP leads anywhere. Other names do not exist. What names there are:
https://github.com/kubernetes/dns/blob/master/docs/specification.md
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from headroom.paths import Clone
from headroom.sandbox import health
from headroom.sandbox.api import Api
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import CLUSTER_DOMAIN, POD_GATEWAY, PORTS, Layout

SERVICE_LABEL = "kubernetes.io/service-name"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
TTL_SECONDS = 1
FRESH_SECONDS = 0.5
"""How old what is known may be when it is asked for."""
MOST_ADDRESSES = 16
"""In one answer: it fits into a datagram of 512 bytes, the longest that every client reads."""

Names = Mapping[str, frozenset[str]]
"""Addresses by name, which ends with a dot; none for a Service without a ready pod."""


def names(slices: Iterable[Mapping[str, Any]]) -> Names:
    """Of EndpointSlices: a name for each Service, and one below it for each of its pods that has a host name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for item in slices:
        metadata = item["metadata"]
        service = metadata.get("labels", {}).get(SERVICE_LABEL)
        if service is None:
            continue
        name = f"{service}.{metadata['namespace']}.svc.{CLUSTER_DOMAIN}."
        addresses = found[name]
        for endpoint in item.get("endpoints") or ():
            if endpoint.get("conditions", {}).get("ready", True):
                addresses.update(endpoint["addresses"])
                if hostname := endpoint.get("hostname"):
                    found[f"{hostname}.{name}"].update(endpoint["addresses"])
    return {name: frozenset(addresses) for name, addresses in found.items()}


def answer(question: dns.message.QueryMessage, known: Names) -> dns.message.Message:
    """The response to a question for one name."""
    response = dns.message.make_response(question)
    response.flags |= dns.flags.AA
    if len(question.question) != 1:
        response.set_rcode(dns.rcode.FORMERR)
        return response
    (asked,) = question.question
    addresses = known.get(asked.name.to_text().lower())
    if addresses is None:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif addresses and asked.rdtype == dns.rdatatype.A:
        chosen = random.sample(sorted(addresses), min(len(addresses), MOST_ADDRESSES))
        response.answer.append(dns.rrset.from_text_list(asked.name, TTL_SECONDS, "IN", "A", chosen))
    return response


class Directory:
    """What names there are, looked up when somebody asks and it was not just now; while the API server is away, as they last were."""

    def __init__(self, slices: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
        self._slices = slices
        self._known: Names = {}
        self._looked = float("-inf")

    def known(self) -> Names:
        if time.monotonic() - self._looked > FRESH_SECONDS:
            try:
                self._known = names(self._slices())
            except SandboxError as error:
                print(error, flush=True)
            self._looked = time.monotonic()
        return self._known


class Answering(asyncio.DatagramProtocol):
    """Answers one question after the other; what is none is passed over."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            question = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return
        if isinstance(question, dns.message.QueryMessage):
            self._transport.sendto(answer(question, self._directory.known()).to_wire(), addr)


async def main() -> None:
    api = Api(Layout(Clone(Path(sys.argv[1]))), "dns")
    directory = Directory(lambda: (api.get(SLICES) or {}).get("items", []))
    address = (POD_GATEWAY, PORTS["dns"])
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: Answering(directory), local_addr=address)
    await (await health.tell(PORTS["dns-health"])).serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
