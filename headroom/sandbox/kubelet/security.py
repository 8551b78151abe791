"""Who a container runs as, from the security contexts of its pod and its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headroom.sandbox.engines.mpirun import ALLOW_ROOT
from headroom.sandbox.kubelet.runtime import Identity


class Forbidden(Exception):
    """The container may not run as the user that it would run as."""


def identity(pod_spec: Mapping[str, Any], container: Mapping[str, Any], image_user: int, one_user: bool) -> Identity:
    """`one_user`: the namespace has no user but its root, so nobody else can be. Raises `Forbidden`."""
    context = pod_spec.get("securityContext") or {}
    own = container.get("securityContext") or {}
    effective = {**context, **own}
    user = _user(pod_spec, container, image_user)
    if effective.get("runAsNonRoot") and user == 0:
        how = (
            "container's runAsUser breaks non-root policy"
            if "runAsUser" in effective
            else "container has runAsNonRoot and image will run as root"
        )
        raise Forbidden(f"{how} (pod: {container['name']})")
    group = effective.get("runAsGroup", 0)
    extra = {*context.get("supplementalGroups", ()), *((context["fsGroup"],) if "fsGroup" in context else ())}
    return Identity(
        uid=None if one_user else user,
        gid=group,
        groups=tuple(sorted({group, *extra})),
        dropAllCapabilities="ALL" in ((own.get("capabilities") or {}).get("drop") or ()),
        noNewPrivileges=own.get("allowPrivilegeEscalation") is False,
    )


def variables(pod_spec: Mapping[str, Any], container: Mapping[str, Any], image_user: int, one_user: bool) -> Mapping[str, str]:
    """What tells Open MPI, which refuses root, that a program is root only because the namespace has no other user."""
    stands_in = one_user and _user(pod_spec, container, image_user) != 0
    return ALLOW_ROOT if stands_in else {}


def _user(pod_spec: Mapping[str, Any], container: Mapping[str, Any], image_user: int) -> int:
    of_pod, own = pod_spec.get("securityContext") or {}, container.get("securityContext") or {}
    return {**of_pod, **own}.get("runAsUser", image_user)


def group_of_volumes(pod_spec: Mapping[str, Any], one_user: bool) -> int | None:
    """fsGroup, whose files must be in volumes; None where there is none, or nobody whom it would serve."""
    return None if one_user else (pod_spec.get("securityContext") or {}).get("fsGroup")


def only_one_user() -> bool:
    """Whether this user namespace maps a single user: a rootless sandbox."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    return sum(int(line.split()[2]) for line in lines) == 1
