"""The autoscaler scales something that does not exist.

`scaleTargetRef` names API version, kind and name of a workload in the autoscaler's own namespace; a difference in any of them is another
object. A DaemonSet, a Job or a Pod cannot be scaled.

## Why it matters

The HPA reports `FailedGetScale`, a ScaledObject stays not ready, and nothing scales. Nothing else shows it: the server runs.

## How to mend it

Write API version, kind, name and namespace as the workload has them.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.chain import autoscalers_of, target_of
from headroom.wiring.facts import Autoscaler, Facts, Workload
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import slip_of
from headroom.wiring.scrape import same_namespace
from headroom.wiring.values import Unknown, default

_NOT_SCALABLE = ("DaemonSet", "Job", "Pod")


def check(facts: Facts) -> Iterator[Verdict]:
    for autoscaler in facts.autoscalers:
        target = target_of(facts, autoscaler)
        wanted = f"{autoscaler.target.kind} {autoscaler.target.name}"
        if isinstance(target, Unknown):
            yield cannot_tell(autoscaler.target.place, f"what the autoscaler scales: {target.why}", "name the workload")
        elif target is None and not _is_other_object(facts, autoscaler):
            yield _missing(facts, autoscaler, wanted)
        elif target is not None:
            yield from _judge(autoscaler, target)


def _judge(autoscaler: Autoscaler, target: Workload) -> Iterator[Verdict]:
    asked = default(autoscaler.target.api_version, "")
    if target.ref.kind in _NOT_SCALABLE:
        yield error(autoscaler.target.place, f"a {target.ref.kind} has no replicas to scale", "scale a Deployment or a StatefulSet")
    elif isinstance(asked, str) and asked.rpartition("/")[0] != target.ref.group:
        yield error(
            autoscaler.target.place,
            f"there is no {target.ref.kind} in the API {asked or 'v1'}; {target.ref} is of {target.ref.api_version}",
            f"write apiVersion: {target.ref.api_version}",
        )


def _is_other_object(facts: Facts, autoscaler: Autoscaler) -> bool:
    """Whether the target is there as an object of a kind whose pods are made by a controller of its own."""
    wanted = (autoscaler.target.kind, autoscaler.target.name)
    return any(
        (found.ref.kind, found.ref.name) == wanted and same_namespace(found.ref.namespace, autoscaler.ref.namespace)
        for found in facts.objects
    )


def _missing(facts: Facts, autoscaler: Autoscaler, wanted: str) -> Verdict:
    meant = _meant(facts, autoscaler)
    if meant is not None:
        return error(
            autoscaler.target.place,
            f"there is no {wanted} in the namespace of the autoscaler; there is {meant.ref}",
            f"scale {meant.ref.kind} {meant.ref.name}, from an autoscaler in its namespace",
        )
    if facts.closed:
        return error(autoscaler.target.place, f"there is no {wanted}", "name a workload that exists")
    return cannot_tell(
        autoscaler.target.place,
        f"whether {wanted} exists: it is not among the files",
        "verify the manifest of the workload together with this object",
    )


def _meant(facts: Facts, autoscaler: Autoscaler) -> Workload | None:
    """The workload that was probably meant: same name elsewhere or of another kind, or a like name that nothing scales."""
    free = {workload.ref.name: workload for workload in facts.workloads if not autoscalers_of(facts, workload)}
    name = str(autoscaler.target.name)
    here = {found: workload for found, workload in free.items() if same_namespace(workload.ref.namespace, autoscaler.ref.namespace)}
    meant = slip_of(name, here)
    return free.get(name) or (here[meant] if meant else None)
