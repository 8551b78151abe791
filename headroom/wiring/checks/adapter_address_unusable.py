"""prometheus-adapter asks where no Prometheus answers.

Its chart makes the address of `prometheus.url`, `prometheus.port` and `prometheus.path`; where Prometheus answers follows from the values
of its own chart: the Service, its port, the prefix of all paths.

## Why it matters

The adapter lists no series, and every HPA that asks it reads `<unknown>`: the replicas stay where they are for good.

## How to mend it

`url: http://<service>.<namespace>.svc` and `port: 9090`, as the Service of Prometheus is called.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.addresses import Address, fault
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.values import Unknown

_FIX = "write prometheus.url and prometheus.port in the values of prometheus-adapter"


def check(facts: Facts) -> Iterator[Verdict]:
    for url, place in (found.asks for found in facts.adapters if found.asks):
        if isinstance(url, Unknown):
            yield cannot_tell(place, f"where the adapter asks: {url.why}", _FIX)
            continue
        address = Address.of(url)
        told = ("is no URL", _FIX) if address is None else fault(address, facts.answering, closed=facts.closed)
        if told:
            yield error(place, f"the adapter's address {url} {told[0]}", told[1])
