"""What Helm's releases are and leave in a cluster."""

from __future__ import annotations

from typing import Any

from headroom.catalog.names import MANAGER
from tests.stacks.checkout import Checkout

KINDS = (
    "apiservices,clusterrolebindings,clusterroles,configmaps,daemonsets,deployments,ingressclasses,jobs,mutatingwebhookconfigurations,"
    "namespaces,priorityclasses,rolebindings,roles,secrets,serviceaccounts,services,statefulsets,validatingwebhookconfigurations"
)


def revisions(checkout: Checkout) -> dict[str, int]:
    """The revision of every release that is deployed, as Helm keeps it."""
    found = {}
    for secret in checkout.objects("secrets"):
        labels = secret["metadata"].get("labels", {})
        if labels.get("owner") == "helm" and labels["status"] == "deployed":
            found[labels["name"]] = int(labels["version"])
    return found


def left_behind(checkout: Checkout) -> list[str]:
    """Everything but definitions that a release or the program made and that is there still, by kind and name."""
    return [f"{item['kind']} {item['metadata']['name']}" for item in checkout.objects(KINDS) if _is_ours(item)]


def _is_ours(item: dict[str, Any]) -> bool:
    labels, annotations = item["metadata"].get("labels", {}), item["metadata"].get("annotations", {})
    by = labels.get("app.kubernetes.io/managed-by") in ("Helm", MANAGER)
    return by or labels.get("owner") == "helm" or "meta.helm.sh/release-name" in annotations
