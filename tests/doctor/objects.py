"""Objects of clusters as the API server lists them, reduced to what tells something."""

from __future__ import annotations

from typing import Any

from headroom.desired.objects import Object
from headroom.doctor import kinds
from headroom.doctor.detect import detect
from headroom.doctor.found import Found
from headroom.doctor.kinds import Kind
from headroom.doctor.reading import Reading, Unread

GPU = "nvidia.com/gpu"


def metadata(name: str, namespace: str | None = None, *, release: str | None = None, **more: Any) -> Object:
    """`release` is `namespace/name` of the Helm release that made the object."""
    annotations = dict(more.pop("annotations", {}))
    if release:
        where, _, what = release.partition("/")
        annotations |= {"meta.helm.sh/release-name": what, "meta.helm.sh/release-namespace": where}
    return {"name": name, "annotations": annotations, **({"namespace": namespace} if namespace else {}), **more}


def api_service(version: str, service: str, *, available: bool = True, message: str = "", release: str | None = None) -> Object:
    """`version` as in `v1beta1.metrics.k8s.io`, `service` as `namespace/name`."""
    short, _, group = version.partition(".")
    namespace, _, name = service.partition("/")
    condition = {"type": "Available", "status": "True" if available else "False", "message": message}
    return {
        "metadata": metadata(version, release=release),
        "spec": {"group": group, "version": short, "service": {"namespace": namespace, "name": name}},
        "status": {"conditions": [condition]},
    }


def definition(name: str, *, release: str | None = None) -> Object:
    return {"metadata": metadata(name, release=release)}


def deployment(place: str, image: str, *arguments: str, release: str | None = None) -> Object:
    namespace, _, name = place.partition("/")
    containers = [{"name": "main", "image": image, "args": list(arguments)}]
    return {"metadata": metadata(name, namespace, release=release), "spec": {"template": {"spec": {"containers": containers}}}}


def device_plugin(
    place: str = "kube-system/nvidia-device-plugin-daemonset",
    *,
    nodes: int = 0,
    directory: str = "/var/lib/kubelet/device-plugins",
    affinity: str = "",
    release: str | None = None,
    policy: str = "",
) -> Object:
    """`affinity` is a key that its nodes must have; `policy` the ClusterPolicy that owns it."""
    namespace, _, name = place.partition("/")
    terms = [{"matchExpressions": [{"key": affinity, "operator": "Exists"}]}]
    pod = {
        "containers": [{"name": "main", "image": "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"}],
        "volumes": [{"name": "sockets", "hostPath": {"path": directory}}],
        **(
            {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}}
            if affinity
            else {}
        ),
    }
    owners = [{"kind": "ClusterPolicy", "name": policy}] if policy else []
    return {
        "metadata": metadata(name, namespace, release=release, ownerReferences=owners),
        "spec": {"template": {"spec": pod}},
        "status": {"desiredNumberScheduled": nodes},
    }


def node(
    name: str = "node-1",
    *,
    gpus: int = 0,
    labels: dict[str, str] | None = None,
    version: str = "v1.36.4",
    image: str = "Ubuntu 24.04",
    **more: Any,
) -> Object:
    return {
        "metadata": metadata(name, labels=labels or {}, annotations=more.pop("annotations", {})),
        "spec": {"taints": more.pop("taints", [])},
        "status": {"capacity": {GPU: str(gpus)} if gpus else {}, "nodeInfo": {"kubeletVersion": version, "osImage": image}},
    }


def ingress_class(name: str, *, default: bool = False, release: str | None = None) -> Object:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {"metadata": metadata(name, release=release, annotations=annotations), "spec": {"controller": f"example.com/{name}"}}


def service(place: str, *ports: int, **labels: str) -> Object:
    namespace, _, name = place.partition("/")
    return {"metadata": metadata(name, namespace, labels=labels), "spec": {"ports": [{"port": port} for port in ports]}}


def prometheus(place: str = "monitoring/prometheus", *, release: str | None = None, **spec: Any) -> Object:
    """One that selects everything, unless `spec` says otherwise."""
    namespace, _, name = place.partition("/")
    everything = {f"{kind}{of}Selector": {} for kind in ("podMonitor", "rule") for of in ("", "Namespace")}
    return {"metadata": metadata(name, namespace, release=release), "spec": {**everything, **spec}}


def found(**objects: list[Object]) -> Found:
    """What is detected in lists by the name of their kind: `found(API_SERVICES=[…])`."""
    return detect(Reading({getattr(kinds, name): items for name, items in objects.items()}))


def forbidden(*unread: Kind, **objects: list[Object]) -> Found:
    """A cluster of which some lists may not be read."""
    seen = {getattr(kinds, name): items for name, items in objects.items()}
    return detect(Reading(seen, tuple(Unread(kind, "you may not list them") for kind in unread)))
