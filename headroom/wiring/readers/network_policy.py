"""NetworkPolicies."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.barriers import Barrier, Peer, Ports, Way
from headroom.wiring.document import Cursor, Document
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.selectors import LabelSelector
from headroom.wiring.values import default

KINDS = {("networking.k8s.io", "NetworkPolicy")}


def read(document: Document) -> Iterator[Barrier]:
    root = Cursor.of(document)
    spec = root["spec"]
    # Without types it judges what comes in, and what goes out where it says anything of that.
    types = spec["policyTypes"].texts() or ("Ingress", *(["Egress"] if spec["egress"].exists else []))
    yield Barrier(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        selector=label_selector(spec["podSelector"]) or LabelSelector(),
        comes_in=_ways(spec["ingress"], "from") if any(text != "Egress" for text in types) else None,
        goes_out=_ways(spec["egress"], "to") if any(text != "Ingress" for text in types) else None,
    )


def _ways(rules: Cursor, end: str) -> tuple[Way, ...]:
    return tuple(
        Way(
            # An empty list is no list: anybody, every port.
            peers=tuple(_peer(cursor) for cursor in rule[end].items()) or None,
            ports=tuple(_ports(cursor) for cursor in rule["ports"].items()) or None,
        )
        for rule in rules.items()
    )


def _peer(cursor: Cursor) -> Peer:
    block = cursor["ipBlock"]
    return Peer(
        pods=label_selector(cursor["podSelector"]),
        namespaces=label_selector(cursor["namespaceSelector"]),
        addresses=block["cidr"].text(),
        excepted=block["except"].texts(),
    )


def _ports(cursor: Cursor) -> Ports:
    return Ports(cursor["port"].text_or_number(), cursor["endPort"].count(), default(cursor["protocol"].text(), "TCP"))
