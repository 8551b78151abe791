"""Who speaks to the API server: the certificate users, and the kubeconfig files that carry them.

The bootstrap roles of Kubernetes know its own controllers. Everyone else is bound by `rbac/<identity>.yaml` to what the process
needs and no more; only the administrator is in `system:masters`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom import yaml_text
from headroom.sandbox.layout import Layout
from headroom.tools.files import replace_text

CONTEXT = "headroom-sandbox"
RBAC = Path(__file__).parent / "rbac"


@dataclass(frozen=True)
class Identity:
    name: str
    user: str
    groups: tuple[str, ...] = ()


IDENTITIES = (
    Identity("admin", "headroom:admin", groups=("system:masters",)),
    Identity("kube-controller-manager", "system:kube-controller-manager"),
    Identity("kube-scheduler", "system:kube-scheduler"),
    Identity("kwok", "headroom:kwok"),
    Identity("kubelet", "headroom:kubelet"),
    Identity("dns", "headroom:dns"),
    Identity("prometheus-operator", "headroom:prometheus-operator"),
    Identity("prometheus", "headroom:prometheus"),
    Identity("prometheus-adapter", "headroom:prometheus-adapter"),
    Identity("reloader", "headroom:reloader"),
    Identity("keda-operator", "headroom:keda-operator"),
    Identity("keda-adapter", "headroom:keda-adapter"),
    Identity("metrics-server", "headroom:metrics-server"),
    Identity("lws", "headroom:lws"),
    Identity("karpenter", "headroom:karpenter"),
    Identity("traefik", "headroom:traefik"),
    Identity("kube-state-metrics", "headroom:kube-state-metrics"),
)


def user_of(name: str) -> str:
    return next(identity.user for identity in IDENTITIES if identity.name == name)


def kubeconfig(server: str, authority: bytes, certificate: bytes, key: bytes) -> dict[str, object]:
    """A self-contained kubeconfig with one context."""

    def text(pem: bytes) -> str:
        return base64.b64encode(pem).decode()

    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": server, "certificate-authority-data": text(authority)}}],
        "users": [{"name": CONTEXT, "user": {"client-certificate-data": text(certificate), "client-key-data": text(key)}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }


def write_kubeconfig(layout: Layout, identity: str, server: str, path: Path) -> None:
    content = kubeconfig(
        server,
        layout.certificate("ca").read_bytes(),
        layout.certificate(identity).read_bytes(),
        layout.key(identity).read_bytes(),
    )
    replace_text(path, json.dumps(content, indent=2), mode=0o600)  # JSON is YAML, and much faster to write


def access_rules() -> list[dict[str, Any]]:
    """The RBAC objects: each role of `rbac/`, and its binding to the user of the same name."""
    objects = [item for path in sorted(RBAC.glob("*.yaml")) for item in yaml_text.load_all(path.read_text())]
    bindings = [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": item["metadata"]["name"]},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": item["metadata"]["name"]},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": item["metadata"]["name"]}],
        }
        for item in _roles(objects)
    ]
    return objects + bindings


def questions(rules: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A SubjectAccessReview for every user that has a role: whether it may do the first thing that the role grants."""
    return [_question(role["metadata"]["name"], role["rules"][0]) for role in _roles(rules)]


def _roles(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The roles that are called as the users whose they are."""
    users = {identity.user for identity in IDENTITIES}
    return [item for item in objects if item["kind"] == "ClusterRole" and item["metadata"]["name"] in users]


def _question(user: str, rule: dict[str, Any]) -> dict[str, Any]:
    """An `*` is asked for as such: only who may do everything may do that."""
    asked = {"group": rule["apiGroups"][0], "resource": rule["resources"][0], "verb": rule["verbs"][0]}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": user, "resourceAttributes": asked}}
