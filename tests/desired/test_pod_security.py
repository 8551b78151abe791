"""Every pod passes the Pod Security level that its namespace enforces: `restricted`, rule by rule.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted. What only the admission controller itself
can say is said in the sandbox, whose namespaces carry the same label.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from headroom.desired.objects import Object
from tests.desired.stacks import every_object, every_workload, title
from tests.evidence import Proof

HOST_NAMESPACES = ("hostNetwork", "hostPID", "hostIPC")
VOLUME_TYPES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SAFE_SYSCTLS = "net.ipv4."


def violations(pod: Object) -> set[str]:
    """The rules of `restricted` (and of `baseline`, which it contains) that a pod's spec breaks."""
    containers = [*pod.get("initContainers", []), *pod["containers"], *pod.get("ephemeralContainers", [])]
    own = pod.get("securityContext", {})
    contexts = [container.get("securityContext", {}) for container in containers]
    ports = [port for container in containers for port in container.get("ports", [])]
    broken = {
        "host namespaces": any(pod.get(key) for key in HOST_NAMESPACES),
        "host ports": any(port.get("hostPort") for port in ports),
        "privileged": any(context.get("privileged") for context in contexts),
        "volume types": any(not (set(volume) - {"name"}) <= VOLUME_TYPES for volume in pod.get("volumes", [])),
        "sysctls": any(not sysctl["name"].startswith(SAFE_SYSCTLS) for sysctl in own.get("sysctls", [])),
        "privilege escalation": any(context.get("allowPrivilegeEscalation") is not False for context in contexts),
        "capabilities dropped": any("ALL" not in context.get("capabilities", {}).get("drop", []) for context in contexts),
        "capabilities added": any(not set(context.get("capabilities", {}).get("add", [])) <= {"NET_BIND_SERVICE"} for context in contexts),
        "non-root": any(not context.get("runAsNonRoot", own.get("runAsNonRoot")) for context in contexts),
        "root user": any(context.get("runAsUser", own.get("runAsUser")) == 0 for context in contexts),
        "seccomp": any(
            context.get("seccompProfile", own.get("seccompProfile", {})).get("type") not in {"RuntimeDefault", "Localhost"}
            for context in contexts
        ),
        "proc mount": any(context.get("procMount", "Default") != "Default" for context in contexts),
    }
    return {rule for rule, is_broken in broken.items() if is_broken}


@pytest.mark.proves("every pod passes Pod Security restricted", Proof.SCHEMA)
@pytest.mark.parametrize("workload", every_workload(), ids=title)
def test_every_pod_is_restricted(workload: Object) -> None:
    assert violations(workload["spec"]["template"]["spec"]) == set()


OF_SERVERS = {workload["metadata"]["namespace"] for workload in every_workload()}
NAMESPACES = [item for item in every_object() if item["kind"] == "Namespace" and item["metadata"]["name"] in OF_SERVERS]


@pytest.mark.parametrize("namespace", NAMESPACES, ids=title)
def test_every_namespace_of_servers_enforces_it(namespace: Object) -> None:
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def _container(key: str, value: Any) -> Callable[[Object], None]:
    return lambda pod: pod["containers"][0].update({key: value})


def _context(key: str, value: Any) -> Callable[[Object], None]:
    return lambda pod: pod["containers"][0]["securityContext"].update({key: value})


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        ("host namespaces", lambda pod: pod.update(hostNetwork=True)),
        ("host ports", _container("ports", [{"containerPort": 1, "hostPort": 1}])),
        ("privileged", _context("privileged", True)),
        ("volume types", lambda pod: pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}})),
        ("sysctls", lambda pod: pod["securityContext"].update(sysctls=[{"name": "kernel.msgmax", "value": "1"}])),
        ("privilege escalation", lambda pod: pod["containers"][0]["securityContext"].pop("allowPrivilegeEscalation")),
        ("capabilities dropped", _context("capabilities", {"drop": ["NET_RAW"]})),
        ("capabilities added", _context("capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]})),
        ("non-root", lambda pod: pod["securityContext"].pop("runAsNonRoot")),
        ("root user", lambda pod: pod["securityContext"].update(runAsUser=0)),
        ("seccomp", lambda pod: pod["securityContext"].pop("seccompProfile")),
        ("proc mount", _context("procMount", "Unmasked")),
    ],
)
def test_the_rules_see_a_pod_that_breaks_them(rule: str, spoil: Callable[[Object], None]) -> None:
    pod = copy.deepcopy(every_workload()[0]["spec"]["template"]["spec"])
    spoil(pod)
    assert violations(pod) == {rule}
