"""A trigger's serverAddress leads to no Prometheus.

It must be a URL with `http://` or `https://`, in its namespace: KEDA's operator asks from a namespace of its own. KEDA adds `/api/v1/query`
itself. Service, port and prefix are those that the chart of Prometheus makes of its values.

## Why it matters

Every query fails. KEDA reports the trigger as failed, and the replicas stay where they are for good.

## How to mend it

`http://<service>.<namespace>.svc:<port>`; the Prometheus Operator makes the Service `prometheus-operated`, port 9090, in the namespace
of each Prometheus.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.addresses import Address, fault
from headroom.wiring.facts import Facts, Trigger
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.values import Unknown

_FIX = "write http://prometheus-operated.<namespace>.svc:9090, or the URL of your Prometheus"


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        for trigger in autoscaler.triggers:
            if trigger.kind == "prometheus":
                yield from _judge(facts, trigger)


def _judge(facts: Facts, trigger: Trigger) -> Iterator[Verdict]:
    address = trigger.metadata.get("serverAddress", "")
    if isinstance(address, Unknown):
        yield cannot_tell(trigger.place, f"where the trigger asks: {address.why}", _FIX)
        return
    found = Address.of(address)
    if found is None:
        yield error(trigger.place, f"serverAddress is {address or 'missing'}: that is no URL", _FIX)
    elif "/api/v1" in found.url.path:
        yield error(
            trigger.place,
            f"serverAddress ends in {found.url.path}, and KEDA adds /api/v1/query to it: nothing answers there",
            f"write {address.partition('/api/v1')[0]}",
        )
    elif told := fault(found, facts.answering, closed=facts.closed):
        yield error(trigger.place, f"serverAddress {told[0]}", told[1])
    else:
        yield from _of_service(facts, trigger, found)


def _of_service(facts: Facts, trigger: Trigger, address: Address) -> Iterator[Verdict]:
    """Whether the Service that the address names has the port, where it is among the files."""
    named, port = (address.service, address.namespace), address.port
    found = next((service for service in facts.services if (service.ref.name, service.ref.namespace) == named), None)
    if found and found.ports and all(isinstance(offered.number, int) and offered.number != port for offered in found.ports):
        yield error(
            trigger.place,
            f"serverAddress leads to the port {port} of {found.ref}, which has {', '.join(str(offered.number) for offered in found.ports)}",
            "name a port of the Service in the address",
        )
