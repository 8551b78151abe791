"""NetworkPolicies, and what they let through.

They add up. A pod that none selects for a direction is open in it; one that any selects lets through what one of them allows, and nothing
else. Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/. What a kubelet asks always passes, and is not
asked here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from headroom.wiring.document import ObjectRef, Place
from headroom.wiring.selectors import Labels, LabelSelector, Verdict, both, either
from headroom.wiring.values import Unknown

Number = int | Unknown
EVERYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Pod:
    """A pod of a cluster. What is None is not told, and may be whatever a rule wants."""

    namespace: str | None
    namespace_labels: Labels | None
    labels: Labels | None


Party = Pod | str
"""Who is at the other end: a pod, or the address of something outside the cluster."""


@dataclass(frozen=True)
class Peer:
    """An entry of `from` or `to`."""

    pods: LabelSelector | None
    namespaces: LabelSelector | None
    addresses: str | Unknown | None
    """A CIDR block; instead of both selectors."""
    excepted: tuple[str | Unknown, ...] = ()


@dataclass(frozen=True)
class Ports:
    """An entry of `ports`: a number, a name, or all numbers up to `last`."""

    first: str | Number | None
    last: Number | None
    protocol: str | Unknown


@dataclass(frozen=True)
class Way:
    """A rule. None: from or to anybody, at every port."""

    peers: tuple[Peer, ...] | None
    ports: tuple[Ports, ...] | None


@dataclass(frozen=True)
class Barrier:
    """A NetworkPolicy. A direction that is None it does not judge."""

    ref: ObjectRef
    place: Place
    selector: LabelSelector
    comes_in: tuple[Way, ...] | None
    goes_out: tuple[Way, ...] | None


@dataclass(frozen=True)
class Door:
    """A port, as the pod that listens has it."""

    number: int
    name: str | None = None
    protocol: str = "TCP"


def lets_in(barriers: Iterable[Barrier], pod: Pod, party: Party, door: Door) -> Verdict:
    """Whether `party` comes to a pod's port."""
    return _passes(((barrier, barrier.comes_in) for barrier in barriers), pod, party, door)


def lets_out(barriers: Iterable[Barrier], pod: Pod, party: Party, door: Door) -> Verdict:
    """Whether a pod reaches the port of `party`."""
    return _passes(((barrier, barrier.goes_out) for barrier in barriers), pod, party, door)


def isolating(barriers: Iterable[Barrier], pod: Pod) -> Iterator[tuple[Barrier, Verdict]]:
    """The policies that select a pod for what comes in, or may."""
    for barrier in barriers:
        selects = _selects(barrier, pod)
        if barrier.comes_in is not None and selects is not False:
            yield barrier, selects


def asked_labels(barriers: Iterable[Barrier]) -> set[str]:
    """The labels of namespaces that policies ask for."""
    ways = [way for barrier in barriers for way in (*(barrier.comes_in or ()), *(barrier.goes_out or ()))]
    selectors = [peer.namespaces for way in ways for peer in way.peers or () if peer.namespaces]
    return {requirement.key for selector in selectors for requirement in selector.requirements}


def _passes(barriers: Iterable[tuple[Barrier, tuple[Way, ...] | None]], pod: Pod, party: Party, door: Door) -> Verdict:
    selecting: list[Verdict] = []
    admitting: list[Verdict] = []
    for barrier, ways in barriers:
        selects = False if ways is None else _selects(barrier, pod)
        if ways is not None and selects is not False:
            selecting.append(selects)
            admitting.append(both([selects, either(_admits(barrier, way, party, door) for way in ways)]))
    isolated, admitted = either(selecting), either(admitting)
    if isolated is False or admitted is True:
        return True
    return admitted if isolated is True else isolated


def _selects(barrier: Barrier, pod: Pod) -> Verdict:
    here = not pod.namespace or not barrier.ref.namespace or pod.namespace == barrier.ref.namespace
    return both([here, _matches(barrier.selector, pod.labels)])


def _matches(selector: LabelSelector, labels: Labels | None) -> Verdict:
    return True if labels is None else selector.matches(labels)


def _admits(barrier: Barrier, way: Way, party: Party, door: Door) -> Verdict:
    at = True if way.ports is None else either(_opens(ports, door) for ports in way.ports)
    who = True if way.peers is None else either(_is(barrier, peer, party) for peer in way.peers)
    return both([at, who])


def _opens(ports: Ports, door: Door) -> Verdict:
    if isinstance(ports.protocol, Unknown):
        return ports.protocol
    if ports.protocol != door.protocol:
        return False
    if ports.first is None:
        return True
    if isinstance(ports.first, Unknown) or isinstance(ports.last, Unknown):
        return ports.first if isinstance(ports.first, Unknown) else Unknown("the last port cannot be read")
    if isinstance(ports.first, str):
        return ports.first == door.name
    return ports.first <= door.number <= (ports.last or ports.first)


def _is(barrier: Barrier, peer: Peer, party: Party) -> Verdict:
    if isinstance(party, str):
        return False if peer.addresses is None else _within(peer, party)
    if peer.addresses is not None:
        if peer.addresses in EVERYWHERE and not peer.excepted:
            return True
        return Unknown(f"which addresses pods have, and whether {barrier.ref} means them, is the network plugin's")
    if peer.namespaces is None:
        here = not party.namespace or not barrier.ref.namespace or party.namespace == barrier.ref.namespace
    else:
        here = _matches(peer.namespaces, party.namespace_labels)
    return both([here, True if peer.pods is None else _matches(peer.pods, party.labels)])


def _within(peer: Peer, address: str) -> Verdict:
    given = ipaddress.ip_address(address)

    def covers(block: str | Unknown) -> Verdict:
        if isinstance(block, Unknown):
            return block
        try:
            return given in ipaddress.ip_network(block, strict=False)
        except ValueError:
            return Unknown(f"{block} is no range of addresses")

    outside = either(covers(block) for block in peer.excepted)
    inside = covers(peer.addresses) if peer.addresses is not None else False
    if isinstance(outside, Unknown):
        return outside if inside is not False else False
    return False if outside else inside
