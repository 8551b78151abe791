"""A container is not confined as the Pod Security level `restricted` wants it.

It may run as root, gain privileges, keep or add capabilities, run without a seccomp profile, or mount a kind of volume that is not for
pods to choose. Root in a user namespace of the pod's own (`hostUsers: false`) is nobody on the node.

## Why it matters

A hole in the model server is a hole in the node. A namespace held to `restricted` refuses the pods, and the autoscaler's replicas never
appear.

## How to mend it

Pod: `runAsNonRoot: true` and `seccompProfile: {type: RuntimeDefault}`. Container: `allowPrivilegeEscalation: false` and
`capabilities: {drop: [ALL]}`. Volumes of other kinds behind a claim: `persistentVolumeClaim`.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, warning
from headroom.wiring.security import ORDINARY, Confinement
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for pods in facts.pods:
        for container in pods.containers:
            missing = list(_missing(container, own_users=pods.own_users))
            if missing:
                yield warning(
                    container.place, f"{container.name} in {pods.ref} is not confined: {', '.join(missing)}", f"set {', '.join(missing)}"
                )
        for kind, place in pods.foreign_volumes:
            yield warning(place, f"the pods of {pods.ref} mount a volume of kind {kind}", "put it behind a PersistentVolumeClaim")


def _missing(container: Confinement, *, own_users: bool) -> Iterator[str]:
    """The settings that `restricted` wants and the container has not. https://kubernetes.io/docs/concepts/security/pod-security-standards/"""
    if container.non_root in (None, False) and not own_users:
        yield "runAsNonRoot: true"
    if container.user == 0 and not own_users:
        yield "a runAsUser that is not 0"
    if container.sees_proc and own_users:
        yield "procMount: Default"
    if container.escalates in (None, True):
        yield "allowPrivilegeEscalation: false"
    if "ALL" not in container.dropped and not any(isinstance(text, Unknown) for text in container.dropped):
        yield "capabilities: {drop: [ALL]}"
    added = [text for text in container.added if isinstance(text, str) and text in ORDINARY - {"NET_BIND_SERVICE"}]
    if added:
        yield f"no capabilities: {{add: [{', '.join(added)}]}}"
    if not isinstance(container.seccomp, Unknown) and container.seccomp not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile: {type: RuntimeDefault}"
