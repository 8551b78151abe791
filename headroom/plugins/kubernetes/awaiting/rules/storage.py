"""PersistentVolumeClaim: bound, or pending where its class binds for the first consumer. PersistentVolume: available or bound."""

from __future__ import annotations

from headroom.plugins.kubernetes.awaiting.objects import at
from headroom.plugins.kubernetes.awaiting.verdict import CONTEXT_CANCELED, Done, Line, Observed, Query, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import GVK, Object

# Fixed in the official provider, whatever the resource says.
TIMEOUT = 300.0
TIMED_OUT = "Timeout occurred polling for '{name}'"


def related(claim: Object) -> list[Query]:
    storage_class = at(claim, "spec", "storageClassName")
    return [Query(GVK("storage.k8s.io/v1", "StorageClass"), name=storage_class)] if storage_class else []


def assess_claim(seen: Observed) -> Verdict:
    on_demand = any(item.get("volumeBindingMode") == "WaitForFirstConsumer" for item in seen.of("StorageClass"))
    accepted = ("Bound", "Pending") if on_demand else ("Bound",)
    return Done() if at(seen.live, "status", "phase") in accepted else Waiting()


def assess_volume(seen: Observed) -> Verdict:
    lines = {"Available": Line("PV marked available"), "Bound": Line("PV has been bound")}
    phase = at(seen.live, "status", "phase")
    return Done((lines[phase],)) if phase in lines else Waiting()


CLAIM = Rule(assess_claim, related, checked_on_refresh=False, timeout=TIMEOUT, timed_out=TIMED_OUT, cancelled=CONTEXT_CANCELED)
VOLUME = Rule(assess_volume, checked_on_refresh=False, timeout=TIMEOUT, timed_out=TIMED_OUT, cancelled=CONTEXT_CANCELED)
