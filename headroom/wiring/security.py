"""Facts of what a pod may do beyond its own containers, and what is kept when a stack goes."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.wiring.document import ObjectRef, Place
from headroom.wiring.selectors import Labels
from headroom.wiring.values import Unknown

Flag = bool | Unknown | None

ORDINARY = frozenset(
    {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"}
    | {"NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}
)
"""Capabilities that a container may add at the Pod Security level `baseline`.

https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
"""


@dataclass(frozen=True)
class Confinement:
    """How a container is confined; what it does not say itself its pod says for it."""

    name: str
    image: str | Unknown | None
    starts_first: bool
    """Whether it is an init container that ends before the others start."""
    privileged: Flag
    escalates: Flag
    non_root: Flag
    user: int | Unknown | None
    sees_proc: bool
    """Whether the whole of /proc is to be seen in it."""
    seccomp: str | Unknown | None
    dropped: tuple[str | Unknown, ...]
    added: tuple[str | Unknown, ...]
    requested: frozenset[str] | Unknown
    """Resources that it requests, a limit being a request too."""
    place: Place


@dataclass(frozen=True, eq=False)
class Pods:
    """The pods of a workload."""

    ref: ObjectRef
    place: Place
    labels: Labels
    containers: tuple[Confinement, ...]
    shares: tuple[tuple[str, Place], ...]
    """What they share with their node: `hostNetwork`, a path of its disk, …"""
    foreign_volumes: tuple[tuple[str, Place], ...]
    """Kinds of volumes that the Pod Security level `restricted` has no room for."""
    own_users: bool
    """Whether they have a user namespace of their own, in which root is nobody on the node."""


@dataclass(frozen=True)
class Kept:
    """Something that holds data, or a cluster. `protected` is None where the input cannot say."""

    ref: ObjectRef
    place: Place
    protected: bool | None


@dataclass(frozen=True)
class Custody:
    """Who keeps a stack's state and its secrets; only of stacks that are for more than one machine."""

    place: Place
    name: str
    backend: str
    """URL."""
    secrets_provider: str
