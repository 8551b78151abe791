"""The written list: which fields of a pod's spec the sandbox honours, and which it takes without effect, each with a sentence.

A path names a field of `spec`; `[]` stands for every element of a list, and what lies below a listed path is listed with it. A pod that
uses any other field stays not Ready, with an event that names the field: nothing is ignored in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PAGE = "docs/pods-in-the-sandbox.md"

CONTAINER = {
    "name": "Honoured.",
    "image": "Looked up in the sandbox's table of images (`images.py`); nothing is pulled, a tag has no effect.",
    "imagePullPolicy": "Accepted: no image is pulled.",
    "command": "Honoured, with $(VAR) expansion of the container's own variables (env and envFrom) and of those for the API server.",
    "args": "Honoured like command; without one they follow the image's entrypoint.",
    "workingDir": "Honoured: it must exist.",
    "env[].name": "Honoured.",
    "env[].value": "Honoured, with $(VAR) expansion of the variables before it and of those for the API server.",
    "env[].valueFrom.fieldRef": "Honoured for metadata, spec.nodeName, spec.serviceAccountName, status.podIP(s) and status.hostIP(s).",
    "env[].valueFrom.resourceFieldRef": "Honoured for the pod's containers, with divisor; a limit that is not set is what the node has.",
    "env[].valueFrom.configMapKeyRef": "Honoured, also optional.",
    "env[].valueFrom.secretKeyRef": "Honoured, also optional.",
    "envFrom": "Honoured for ConfigMaps and Secrets, with prefix and optional.",
    "ports[].name": "Honoured in probes.",
    "ports[].containerPort": "As in every cluster, a port is open when the program opens it.",
    "ports[].protocol": "As containerPort.",
    "resources.requests": "The scheduler's business. Resized in place: granted, Deferred or Infeasible by what the node has.",
    "resources.limits": "Accepted: CPU and memory limits are not enforced; GPUs are counted and not there.",
    "resizePolicy": "Accepted: a resize in place never restarts a container here.",
    "volumeMounts[].name": "Honoured.",
    "volumeMounts[].mountPath": "Honoured, except inside the system's directories (/usr, /bin, /lib …), which are read-only.",
    "volumeMounts[].readOnly": "Honoured.",
    "volumeMounts[].subPath": "Honoured.",
    "livenessProbe": "Honoured with httpGet, tcpSocket, grpc and exec.",
    "readinessProbe": "Honoured with httpGet, tcpSocket, grpc and exec.",
    "startupProbe": "Honoured with httpGet, tcpSocket, grpc and exec.",
    "lifecycle.preStop.exec": "Honoured.",
    "lifecycle.preStop.httpGet": "Honoured.",
    "lifecycle.preStop.sleep": "Honoured.",
    "securityContext.runAsUser": "Honoured where the sandbox runs as root; a rootless sandbox has one user only.",
    "securityContext.runAsGroup": "Honoured like runAsUser.",
    "securityContext.runAsNonRoot": "Honoured: a container that would run as root does not start.",
    "securityContext.readOnlyRootFilesystem": "Honoured.",
    "securityContext.allowPrivilegeEscalation": "Honoured when false.",
    "securityContext.capabilities.drop": "Honoured for ALL; single capabilities are accepted without effect.",
    "securityContext.seccompProfile": "Accepted, not enforced.",
    "terminationMessagePath": "Accepted: a message there is not read.",
    "terminationMessagePolicy": "Honoured for FallbackToLogsOnError: the end of the log is the message of a container that failed.",
}

POD = {
    "initContainers[].restartPolicy": "Honoured: with Always it is a sidecar, started before and stopped after the containers.",
    "volumes[].name": "Honoured.",
    "volumes[].configMap": "Honoured with items, nested paths, optional and modes, as it was when the pod started.",
    "volumes[].secret": "Honoured like configMap.",
    "volumes[].downwardAPI": "Honoured like configMap, for the fields that env honours.",
    "volumes[].projected.defaultMode": "Honoured.",
    "volumes[].projected.sources[].configMap": "Honoured like configMap.",
    "volumes[].projected.sources[].secret": "Honoured like configMap.",
    "volumes[].projected.sources[].downwardAPI": "Honoured like downwardAPI.",
    "volumes[].projected.sources[].serviceAccountToken": "Honoured: a token is real and not renewed.",
    "volumes[].emptyDir.medium": "Honoured when Memory and one container mounts it; a volume of several is a directory.",
    "volumes[].emptyDir.sizeLimit": "Honoured in memory; a directory has no limit.",
    "volumes[].hostPath": "Honoured for directories: each node has its own, below one of the sandbox's, which every user may write.",
    "volumes[].persistentVolumeClaim": "Honoured for storage class `shared`: a directory that all nodes see, and that goes with its claim.",
    "restartPolicy": "Honoured, with a back-off ten times as quick as a real kubelet's.",
    "terminationGracePeriodSeconds": "Honoured.",
    "hostname": "Honoured.",
    "subdomain": "Honoured in the cluster's DNS where a Service of that name selects the pod.",
    "securityContext.runAsUser": "Honoured where the sandbox runs as root; a rootless sandbox has one user only.",
    "securityContext.runAsGroup": "Honoured like runAsUser.",
    "securityContext.runAsNonRoot": "Honoured: a container that would run as root does not start.",
    "securityContext.fsGroup": "Honoured for the groups of the processes and of the files in volumes, where the sandbox runs as root.",
    "securityContext.fsGroupChangePolicy": "Accepted: volumes are always made anew.",
    "securityContext.supplementalGroups": "Honoured where the sandbox runs as root.",
    "securityContext.seccompProfile": "Accepted, not enforced.",
    "imagePullSecrets": "Looked for, with a warning where one is missing; nothing is pulled.",
    "serviceAccountName": "Honoured in the token.",
    "serviceAccount": "The old name of serviceAccountName.",
    "automountServiceAccountToken": "Honoured by the API server, which adds a projected volume.",
    "nodeName": "The scheduler's result.",
    "nodeSelector": "The scheduler's business.",
    "affinity": "The scheduler's business.",
    "tolerations": "The scheduler's business; a NoExecute taint is the controller manager's.",
    "topologySpreadConstraints": "The scheduler's business.",
    "schedulerName": "The scheduler's business.",
    "schedulingGates": "The scheduler's business.",
    "priority": "The scheduler's business.",
    "priorityClassName": "The scheduler's business.",
    "preemptionPolicy": "The scheduler's business.",
    "runtimeClassName": "Accepted: there is one runtime.",
    "dnsPolicy": "Accepted: every pod asks the cluster's DNS, which knows Services and nothing else.",
    "enableServiceLinks": "Accepted: no variables for Services are set but those for the API server.",
}

HONOURED: Mapping[str, str] = {
    **POD,
    **{f"{kind}[].{field}": sentence for kind in ("containers", "initContainers") for field, sentence in CONTAINER.items()},
}

ONLY: Mapping[str, tuple[str, ...]] = {"volumes[].emptyDir.medium": ("Memory",)}
"""The values that are honoured, of the fields that are not honoured with every value."""

ASKS_NOTHING: Mapping[str, bool] = {"hostUsers": True}
"""What a switch that is not on the list says where nobody sets it: false, unless it stands here."""


def unsupported(spec: Mapping[str, Any]) -> list[str]:
    """The fields of a pod's spec that are not on the list, as `spec.containers[0].lifecycle.postStart`, and the values that are not.

    What is empty, or says what holds without it, does not count.
    """
    return list(_walk(spec, "", "spec"))


def not_honoured(fields: Sequence[str]) -> str:
    return f"the sandbox does not honour {', '.join(fields)}: {PAGE} lists what it does"


def _walk(value: Any, pattern: str, shown: str) -> Iterator[str]:
    if value is None or value in ({}, [], ""):
        return
    if pattern in HONOURED:
        if value not in ONLY.get(pattern, (value,)):
            yield f"{shown}: {value}"
    elif isinstance(value, Mapping) and _leads_on(pattern):
        for key, below in value.items():
            yield from _walk(below, f"{pattern}.{key}" if pattern else key, f"{shown}.{key}")
    elif isinstance(value, list) and _leads_on(f"{pattern}[]"):
        for index, below in enumerate(value):
            yield from _walk(below, f"{pattern}[]", f"{shown}[{index}]")
    elif value is not ASKS_NOTHING.get(pattern, False):
        yield shown


def _leads_on(pattern: str) -> bool:
    """Whether a listed path lies below."""
    return not pattern or any(path.startswith((f"{pattern}.", f"{pattern}[")) for path in HONOURED)
