"""Who may ask a kubelet what: certificates of the cluster's authority, and rights as the API server has them.

Source of the attributes: https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from headroom.sandbox.async_api import connection

_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_REMEMBERED_SECONDS = 30


@dataclass(frozen=True)
class User:
    name: str
    groups: tuple[str, ...]

    @staticmethod
    def of(certificate: Mapping[str, Any]) -> User:
        """Of a peer's verified certificate, as `ssl` gives it: the common name, and the organizations."""
        named = [(key, value) for part in certificate.get("subject", ()) for key, value in part]
        name = next((value for key, value in named if key == "commonName"), "")
        return User(name, (*(value for key, value in named if key == "organizationName"), "system:authenticated"))


def subresource(path: str) -> str:
    """The subresource of a node that a right to `path` is a right to."""
    known = {"metrics": "metrics", "stats": "stats", "logs": "log"}
    return known.get(path.strip("/").partition("/")[0], "proxy")


class Access:
    """Asks the API server, and remembers its answers for a while. Safe to use from several threads."""

    def __init__(self, kubeconfig: Path) -> None:
        server, context = connection(kubeconfig)
        self._http = httpx.Client(base_url=server, verify=context, timeout=10, trust_env=False)
        self._known: dict[tuple[User, str, str], tuple[float, bool]] = {}

    def allowed(self, user: User, node: str, path: str) -> bool:
        """Whether `user` may GET `path` of `node`'s kubelet."""
        what = subresource(path)
        until, answer = self._known.get((user, node, what), (0.0, False))
        if time.monotonic() > until:
            answer = self._review(user, node, what)
            if answer is not None:
                self._known[user, node, what] = (time.monotonic() + _REMEMBERED_SECONDS, answer)
        return bool(answer)

    def _review(self, user: User, node: str, what: str) -> bool | None:
        """None where the API server does not say."""
        attributes = {"verb": "get", "resource": "nodes", "subresource": what, "name": node}
        spec = {"user": user.name, "groups": list(user.groups), "resourceAttributes": attributes}
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        response = self._http.post(_REVIEWS, json=review)
        return bool(response.json()["status"].get("allowed")) if response.is_success else None
