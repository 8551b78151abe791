"""No NetworkPolicy judges what reaches a server's pods.

## Why it matters

Every pod of the cluster reaches every port of the server, its management API and its metrics too. A model server asks nobody who they
are.

## How to mend it

Add a NetworkPolicy that selects the pods and allows the ports that are for others.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts, Service, Workload
from headroom.wiring.finding import Verdict, cannot_tell, warning
from headroom.wiring.scrape import same_namespace, selects_pods
from headroom.wiring.security import Pods
from headroom.wiring.selectors import Verdict as Selected
from headroom.wiring.selectors import either
from headroom.wiring.values import Unknown

_ENDS = ("Job", "CronJob")
_OTHERS = {
    ("cilium.io", "CiliumNetworkPolicy"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("projectcalico.org", "NetworkPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", "NetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.antrea.io", "NetworkPolicy"),
    ("crd.antrea.io", "ClusterNetworkPolicy"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"),
}
"""Policies of a network plugin's own, which are not read here."""


def check(facts: Facts) -> Iterator[Verdict]:
    served = {workload.ref for service in facts.services for workload in facts.workloads if _behind(service, workload)}
    others = [found.ref for found in facts.objects if (found.ref.group, found.ref.kind) in _OTHERS]
    for pods in facts.pods:
        if pods.ref.kind in _ENDS or pods.ref not in served:
            continue
        judged = either(_selects(facts, pods))
        other = next((policy for policy in others if same_namespace(policy.namespace, pods.ref.namespace)), None)
        if judged is False and other is not None:
            yield cannot_tell(
                pods.place,
                f"whether {other} judges what reaches the pods of {pods.ref}: it is no NetworkPolicy of Kubernetes",
                "add one for what any plugin shall enforce, or silence this check",
            )
        elif isinstance(judged, Unknown):
            yield cannot_tell(pods.place, f"whether a NetworkPolicy selects the pods of {pods.ref}: {judged.why}", "write the labels out")
        elif not judged:
            yield warning(
                pods.place, f"no NetworkPolicy selects the pods of {pods.ref}: every pod of the cluster reaches all their ports", "add one"
            )


def _selects(facts: Facts, pods: Pods) -> Iterator[Selected]:
    for barrier in facts.barriers:
        if barrier.comes_in is not None and same_namespace(barrier.ref.namespace, pods.ref.namespace):
            yield barrier.selector.matches(pods.labels)


def _behind(service: Service, workload: Workload) -> bool:
    return selects_pods(service, workload) is not False
