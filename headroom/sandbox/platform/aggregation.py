"""Extension API servers, which run as processes, behind the API server's aggregation layer."""

from __future__ import annotations

import base64
from typing import Any

from headroom.sandbox.api import Api, wait_for
from headroom.sandbox.layout import PORTS, Layout

API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
Object = dict[str, Any]


def path(version: str) -> str:
    """Where the registration of an API is."""
    group, _, short = version.partition("/")
    return f"{API_SERVICES}/{short}.{group}"


def serve(layout: Layout, api: Api, version: str, process: str, service: str, namespace: str) -> None:
    """Has the API server ask `process` for `version`, such as `custom.metrics.k8s.io/v1beta1`; waits until it does."""
    authority = base64.b64encode(layout.certificate("extensions-ca").read_bytes()).decode()
    api.apply_all(registration(version, service, namespace, PORTS[process], authority))

    def available() -> bool:
        conditions = (api.get(path(version)) or {}).get("status", {}).get("conditions", [])
        return any(condition["type"] == "Available" and condition["status"] == "True" for condition in conditions)

    wait_for(f"the API {version} is Available", 60, available)


def registration(version: str, service: str, namespace: str, port: int, authority: str) -> list[Object]:
    """The objects that register an API. `authority` is the base64 of the PEM certificate that signed the server's.

    An ExternalName Service makes the API server dial its own loopback address, where the extension listens as a process.
    """
    group, _, short = version.partition("/")
    place = {"name": service, "namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {"apiVersion": "v1", "kind": "Service", "metadata": place, "spec": {"type": "ExternalName", "externalName": "localhost"}},
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": f"{short}.{group}"},
            "spec": {
                "group": group,
                "version": short,
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "service": {**place, "port": port},
                "caBundle": authority,
            },
        },
    ]
