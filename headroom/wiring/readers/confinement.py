"""Pod templates, for what they may do, and what holds data."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document, Place, known
from headroom.wiring.pulumi import KEPT
from headroom.wiring.readers import workload
from headroom.wiring.readers.parts import loosened
from headroom.wiring.security import Confinement, Kept, Pods
from headroom.wiring.values import Unknown

_CRON = ("batch", "CronJob")
_CLAIM = ("", "PersistentVolumeClaim")
KINDS = {*workload.KINDS, _CRON, _CLAIM, *KEPT}
_VOLUMES = frozenset({"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"})
"""kubernetes/pod-security-admission policy/check_restrictedVolumes.go"""
_HOST = ("hostNetwork", "hostPID", "hostIPC")


def read(document: Document) -> Iterator[Pods | Kept]:
    root, kind = Cursor.of(document), (document.ref.group, document.ref.kind)
    if kind == _CLAIM or kind in KEPT:
        yield Kept(document.ref, root["metadata"]["name"].place, document.protected)
    else:
        for template in _templates(root):
            yield _pods(root, template)


def _templates(root: Cursor) -> Iterator[Cursor]:
    if root.document.ref.kind == "CronJob":
        yield root["spec"]["jobTemplate"]["spec"]["template"]
        return
    group = root["spec"]["leaderWorkerTemplate"]
    both = [group[key] for key in ("leaderTemplate", "workerTemplate") if group[key].exists]
    yield from both or [workload.template(root)]


def _pods(root: Cursor, template: Cursor) -> Pods:
    spec = template["spec"]
    shares = [(field, spec[field].place) for field in _HOST if spec[field].flag() is True]
    shares += [
        (f"the node's path {volume['hostPath']['path'].value}", volume.place)
        for volume in spec["volumes"].items()
        if volume["hostPath"].exists
    ]
    own_users = spec["hostUsers"].flag() is False
    shares += loosened.of_pod(spec)
    for container in (*spec["containers"].items(), *spec["initContainers"].items()):
        shares += loosened.of_container(container, own_users=own_users)
    own = [_confinement(cursor, spec, starts_first=False) for cursor in spec["containers"].items()]
    first = [_confinement(cursor, spec, cursor["restartPolicy"].text() != "Always") for cursor in spec["initContainers"].items()]
    labels = workload.pod_labels(root.document.ref, template["metadata"]["labels"].labels())
    return Pods(root.document.ref, root["metadata"]["name"].place, labels, (*first, *own), tuple(shares), tuple(_volumes(spec)), own_users)


def _volumes(spec: Cursor) -> Iterator[tuple[str, Place]]:
    """Kinds of volumes that `restricted` has no room for, but paths of the node."""
    for volume in spec["volumes"].items():
        kinds = {key for key, _ in volume.pairs()} - {"name"}
        for kind in sorted(kinds - _VOLUMES - {"hostPath"}):
            yield kind, volume.place


def _confinement(cursor: Cursor, spec: Cursor, starts_first: bool) -> Confinement:
    own, of_pod = cursor["securityContext"], spec["securityContext"]

    def either(field: str) -> Cursor:
        return own[field] if own[field].exists else of_pod[field]

    name = cursor["name"].text()
    return Confinement(
        name=name if isinstance(name, str) else "?",
        image=cursor["image"].text(),
        starts_first=starts_first,
        privileged=own["privileged"].flag(),
        escalates=own["allowPrivilegeEscalation"].flag(),
        non_root=either("runAsNonRoot").flag(),
        user=either("runAsUser").count(),
        sees_proc=own["procMount"].text() == "Unmasked",
        seccomp=either("seccompProfile")["type"].text(),
        dropped=own["capabilities"]["drop"].texts(),
        added=own["capabilities"]["add"].texts(),
        requested=_requested(cursor["resources"]),
        place=cursor.place,
    )


def _requested(resources: Cursor) -> frozenset[str] | Unknown:
    for part in (resources, resources["requests"], resources["limits"]):
        if isinstance(hole := known(part.value), Unknown):
            return hole
    return frozenset(key for part in ("requests", "limits") for key, _ in resources[part].pairs())
