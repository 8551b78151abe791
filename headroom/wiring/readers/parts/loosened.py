"""What a pod template opens towards its node beyond the ordinary: the fields that the Pod Security level `baseline` bounds.

Source: kubernetes/pod-security-admission policy/check_*.go, as of Kubernetes 1.36. What it says of privileged containers, capabilities,
namespaces and paths of the node is read elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Place

Loosened = tuple[str, Place]
"""What is opened, in words, and where."""

_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
_SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")


def of_pod(spec: Cursor) -> Iterator[Loosened]:
    context = spec["securityContext"]
    yield from _of_context(context)
    for sysctl in context["sysctls"].items():
        name = sysctl["name"].text()
        if isinstance(name, str) and name not in _SYSCTLS:
            yield f"the node's setting {name}", sysctl.place


def of_container(container: Cursor, *, own_users: bool) -> Iterator[Loosened]:
    """`own_users`: whether the pod has a user namespace of its own, where the whole of /proc is no danger."""
    context = container["securityContext"]
    yield from _of_context(context)
    mount = context["procMount"].text()
    if isinstance(mount, str) and mount != "Default" and not own_users:
        yield f"the whole of /proc (procMount {mount})", context["procMount"].place
    for port in container["ports"].items():
        number = port["hostPort"].count()
        if isinstance(number, int) and number:
            yield f"the node's port {number}", port["hostPort"].place
    asked = [*(container[probe] for probe in _PROBES), *(container["lifecycle"][hook] for hook in _HOOKS)]
    for host in (handler[way]["host"] for handler in asked for way in ("httpGet", "tcpSocket")):
        if isinstance(name := host.text(), str) and name:
            yield f"the kubelet, which asks another host for it ({name})", host.place


def _of_context(context: Cursor) -> Iterator[Loosened]:
    for field, what in (("seccompProfile", "every system call"), ("appArmorProfile", "all that AppArmor keeps from it")):
        if context[field]["type"].text() == "Unconfined":
            yield f"{what} ({field} Unconfined)", context[field].place
    label = context["seLinuxOptions"]
    kind, user, role = (label[key].text() for key in ("type", "user", "role"))
    if (isinstance(kind, str) and kind not in _SELINUX_TYPES) or any(isinstance(text, str) and text for text in (user, role)):
        yield "an SELinux label of its own", label.place
    if context["windowsOptions"]["hostProcess"].flag() is True:
        yield "the processes of a Windows node (hostProcess)", context["windowsOptions"].place
