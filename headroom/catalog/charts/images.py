"""The values by which every image of a chart is pulled from a mirror, and those by which its pods log in there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.catalog.charts.tree import facts
from headroom.catalog.images import mirrored

_UNSAID: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    # templates/_helpers.tpl gives them where the values leave them out.
    "traefik": {"image": {"registry": "docker.io", "repository": "traefik"}},
}

_NAMES, _REFERENCES = "names", "references"
_GPU_OPERATOR_PARTS = (
    *("validator", "operator", "driver", "toolkit", "devicePlugin", "dcgm", "dcgmExporter", "gfd", "migManager", "nodeStatusExporter"),
    *("gds", "gdrcopy", "vgpuManager", "vgpuDeviceManager", "vfioManager", "kataManager", "sandboxDevicePlugin"),
    *("kataSandboxDevicePlugin", "ccManager", "draDriver"),
)
PULL_SECRETS: Mapping[str, Mapping[str, str]] = {
    "gpu-operator": {
        **{f"{part}.imagePullSecrets": _NAMES for part in _GPU_OPERATOR_PARTS},
        "node-feature-discovery.imagePullSecrets": _REFERENCES,
    },
    "kube-prometheus-stack": {"global.imagePullSecrets": _REFERENCES},
    "metrics-server": {"imagePullSecrets": _REFERENCES},
    "prometheus-adapter": {"image.pullSecrets": _NAMES},
    "keda": {"imagePullSecrets": _REFERENCES},
    "traefik": {"deployment.imagePullSecrets": _REFERENCES},
    "lws": {"imagePullSecrets": _REFERENCES},
    "cluster-autoscaler": {"image.pullSecrets": _NAMES},
    "karpenter": {"imagePullSecrets": _REFERENCES},
    "aws-efa-k8s-device-plugin": {"imagePullSecrets": _REFERENCES},
    "aws-load-balancer-controller": {"imagePullSecrets": _REFERENCES},
}
"""Which values of a chart hold pull secrets, and whether as names or as references `{name: …}`. From the charts' templates."""


def images(chart: str) -> dict[str, Mapping[str, str]]:
    """What a chart names its images by, by the dotted path of the mapping that does."""
    return {**facts(chart).images, **_UNSAID.get(chart, {})}


def from_mirror(chart: str, registry: str) -> dict[str, Any]:
    """Values that move every image of a chart to a mirror."""
    values: dict[str, Any] = {}
    for path, image in images(chart).items():
        if moved := _moved(image, registry):
            _place(values, path, moved)
    return values


def with_pull_secret(chart: str, secret: str) -> dict[str, Any]:
    """Values by which every pod of a chart pulls with a Secret of its namespace."""
    values: dict[str, Any] = {}
    for path, form in PULL_SECRETS.get(chart, {}).items():
        _place(values, path, [secret] if form == _NAMES else [{"name": secret}])
    return values


def _moved(image: Mapping[str, str], registry: str) -> dict[str, str]:
    """The keys of an image that change. Charts differ in which part of its name they hold where."""
    own = "/".join(image[key] for key in ("registry", "repository", "image") if key in image)
    name = mirrored(own, registry)
    if name == own:
        return {}
    if "registry" in image:
        return {"registry": registry, "repository": name.removeprefix(f"{registry}/")}
    return {"repository": name.removesuffix(f"/{image['image']}") if "image" in image else name}


def _place(values: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    for key in above:
        values = values.setdefault(key, {})
    values[last] = value
