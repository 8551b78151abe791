"""A small client of the sandbox's API server, for the objects that the sandbox itself puts there."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx

from headroom.sandbox.errors import NotReady, Refused
from headroom.sandbox.layout import Layout, inside_url

FIELD_MANAGER = "headroom-sandbox"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
Object = Mapping[str, Any]


def tls(layout: Layout, identity: str | None = None) -> ssl.SSLContext:
    """Trusts the sandbox's authorities only; speaks as `identity`, or as nobody."""
    context = ssl.create_default_context(cafile=str(layout.certificate("ca")))
    context.load_verify_locations(cafile=str(layout.certificate("extensions-ca")))
    if identity:
        context.load_cert_chain(layout.certificate(identity), layout.key(identity))
    return context


class Api:
    """Requests as one identity, from inside the namespace. Safe to use from several threads. Raises `Refused`."""

    def __init__(self, layout: Layout, identity: str = "admin") -> None:
        self._http = httpx.Client(base_url=inside_url("kube-apiserver"), verify=tls(layout, identity), timeout=30, trust_env=False)
        self._plurals: dict[tuple[str, str], tuple[str, bool]] = {}

    def get(self, path: str) -> dict[str, Any] | None:
        """The object at `path`, or None where there is none."""
        response = self._asked("GET", path)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        return _checked(response, f"GET {path}")

    def apply(self, desired: Object) -> dict[str, Any]:
        """Server-side apply; unknown fields are refused."""
        return self.apply_yaml(self.path(desired), json.dumps(desired))

    def apply_all(self, objects: Iterable[Object]) -> None:
        for desired in objects:
            self.apply(desired)

    def delete(self, path: str) -> None:
        """Deletes the object at `path`; what is gone already is fine."""
        response = self._asked("DELETE", path)
        if response.status_code != httpx.codes.NOT_FOUND:
            _checked(response, f"DELETE {path}")

    def allows(self, question: Object) -> bool:
        """What the authorizer answers to a SubjectAccessReview."""
        path = f"{_group_path(question['apiVersion'])}/subjectaccessreviews"
        return _checked(self._asked("POST", path, json=question), path)["status"]["allowed"]

    def serves(self, group: str, plurals: Iterable[str]) -> bool:
        """Whether all kinds of an API group are listed, which comes later, and answer."""
        listed = {resource["name"] for resource in (self.get(group) or {}).get("resources", [])}
        return all(plural in listed and self._asked("GET", f"{group}/{plural}", params={"limit": "1"}).is_success for plural in plurals)

    def apply_yaml(self, path: str, document: str) -> dict[str, Any]:
        """Server-side apply of a document as it is written."""
        response = self._asked(
            "PATCH",
            path,
            params={"fieldManager": FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            content=document,
        )
        return _checked(response, path)

    def path(self, desired: Object) -> str:
        """The URL path of an object, its resource name found by discovery."""
        version, kind = desired["apiVersion"], desired["kind"]
        plural, namespaced = self._resource(version, kind)
        metadata = desired["metadata"]
        namespace = f"/namespaces/{metadata['namespace']}" if namespaced else ""
        return f"{_group_path(version)}{namespace}/{plural}/{metadata['name']}"

    def _asked(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise Refused(f"{method} {path}: the API server does not answer: {str(error) or type(error).__name__}") from None

    def _resource(self, version: str, kind: str) -> tuple[str, bool]:
        if (version, kind) not in self._plurals:
            listing = self.get(_group_path(version)) or {"resources": []}
            for resource in listing["resources"]:
                if "/" not in resource["name"]:
                    self._plurals[version, resource["kind"]] = (resource["name"], resource["namespaced"])
        if (version, kind) not in self._plurals:
            raise Refused(f"the API server does not know {version} {kind}")
        return self._plurals[version, kind]


def _group_path(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _checked(response: httpx.Response, what: str) -> dict[str, Any]:
    if response.is_success:
        return response.json()
    raise Refused(f"{what}: {why(response)} (HTTP {response.status_code})")


def why(response: httpx.Response) -> str:
    """What the API server says of a request that it refused."""
    try:
        return response.json()["message"]
    except (ValueError, KeyError, TypeError):
        return response.text[:300]


def wait_for(what: str, seconds: float, done: Callable[[], bool]) -> None:
    """Asks four times a second until it is so; raises `NotReady` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise NotReady(f"{what}: not so after {seconds:.0f} s")
        time.sleep(0.25)
