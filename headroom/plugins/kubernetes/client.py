"""The Kubernetes API as the plugin needs it: plain objects in, plain objects out, one method per kind of request."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from headroom.plugins.kubernetes.errors import ApiError, NoMatch, Unreachable
from headroom.plugins.kubernetes.kubeconfig import Target, load, not_covered, select
from headroom.plugins.kubernetes.transport import Transport

Object = dict[str, Any]
Propagation = Literal["Foreground", "Background", "Orphan"]

APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"


class GVK(NamedTuple):
    """What an object calls itself."""

    api_version: str
    kind: str

    @staticmethod
    def of(obj: Mapping[str, Any]) -> GVK:
        return GVK(obj.get("apiVersion") or "", obj.get("kind") or "")

    @staticmethod
    def of_token(token: str) -> GVK:
        """Of a resource's type: `kubernetes:core/v1:ConfigMap` → v1, ConfigMap."""
        _, api_version, kind = token.split(":")
        return GVK(api_version.removeprefix("core/"), kind)

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]


class Mapped(NamedTuple):
    """Where the server serves a kind."""

    plural: str
    namespaced: bool


class Client:
    """One API server. Every method raises `ApiError` (`NoMatch` for an unknown kind) or `Unreachable`; safe for several threads."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._transport = Transport(target)
        self._discovered: dict[str, dict[str, Mapped]] = {}
        self._lock = threading.Lock()

    @staticmethod
    def from_kubeconfig(text_or_path: str | None = None, *, context: str = "", cluster: str = "") -> Client:
        """From kubeconfig text, a path, or (nothing given) the ambient configuration. Raises `Unreachable`."""
        target = select(load(text_or_path), context=context, cluster=cluster)
        if reason := not_covered(target):
            raise Unreachable(reason)
        return Client(target)

    # Discovery

    def mapping(self, gvk: GVK) -> Mapped:
        """Plural and scope of a kind; asked once per apiVersion, misses are asked again. Raises `NoMatch`."""
        known = self._discovered.get(gvk.api_version)
        if known is None or gvk.kind not in known:
            known = self._discover(gvk)
        if gvk.kind not in known:
            raise NoMatch(gvk.api_version, gvk.kind)
        return known[gvk.kind]

    def knows(self, gvk: GVK) -> bool:
        try:
            self.mapping(gvk)
        except NoMatch:
            return False
        return True

    def reset_discovery(self) -> None:
        """Forget what the server serves, after a CustomResourceDefinition came, changed or went."""
        with self._lock:
            self._discovered.clear()

    def _discover(self, gvk: GVK) -> dict[str, Mapped]:
        if not gvk.api_version or not gvk.kind:
            raise NoMatch(gvk.api_version, gvk.kind)
        try:
            listed = self._transport.request("GET", _root(gvk.api_version))
        except ApiError as error:
            if error.not_found:
                raise NoMatch(gvk.api_version, gvk.kind) from None
            raise
        resources = [item for item in listed.get("resources") or [] if "/" not in item["name"]]
        found = {item["kind"]: Mapped(item["name"], bool(item["namespaced"])) for item in resources}
        with self._lock:
            self._discovered[gvk.api_version] = found
        return found

    # Reading

    def get(self, gvk: GVK, namespace: str, name: str) -> Object:
        return self._transport.request("GET", self.path(gvk, namespace, name))

    def list(self, gvk: GVK, namespace: str = "", *, label_selector: str = "", field_selector: str = "") -> list[Object]:
        """The items, each with the apiVersion and kind that a List leaves out; all namespaces when `namespace` is ""."""
        query = {"labelSelector": label_selector, "fieldSelector": field_selector}
        listed = self._transport.request("GET", self.path(gvk, namespace), query={key: value for key, value in query.items() if value})
        return [{"apiVersion": gvk.api_version, "kind": gvk.kind, **item} for item in listed.get("items") or []]

    def get_path(self, path: str, *, headers: Mapping[str, str] | None = None) -> Any:
        """What the server answers under an absolute path: discovery, OpenAPI, `/version`."""
        return self._transport.request("GET", path, headers=headers)

    def get_text(self, path: str) -> str:
        """What answers under an absolute path in a form that is no JSON, such as a pod's metrics by way of the API server's proxy."""
        return self._transport.text(path)

    # Writing

    def create(self, obj: Object, *, field_manager: str, dry_run: bool = False) -> Object:
        gvk, namespace, _ = _identity(obj)
        return self._transport.request("POST", self.path(gvk, namespace), query=_options(field_manager, dry_run), body=obj)

    def apply(self, obj: Object, *, field_manager: str, force: bool, dry_run: bool = False) -> Object:
        """Server-side apply of exactly `obj`."""
        query = _options(field_manager, dry_run) | {"force": "true" if force else "false"}
        return self._transport.request("PATCH", self.path(*_identity(obj)), query=query, body=obj, content_type=APPLY)

    def put(self, obj: Object, *, field_manager: str, dry_run: bool = False) -> Object:
        return self._transport.request("PUT", self.path(*_identity(obj)), query=_options(field_manager, dry_run), body=obj)

    def json_patch(self, gvk: GVK, namespace: str, name: str, operations: list[Object]) -> Object:
        return self._transport.request("PATCH", self.path(gvk, namespace, name), body=operations, content_type=JSON_PATCH)

    def delete(self, gvk: GVK, namespace: str, name: str, *, propagation: Propagation) -> None:
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        self._transport.request("DELETE", self.path(gvk, namespace, name), body=options)

    def path(self, gvk: GVK, namespace: str = "", name: str = "") -> str:
        """The path of a collection, or of one object. Raises `NoMatch`."""
        mapped = self.mapping(gvk)
        parts = [_root(gvk.api_version)]
        if mapped.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        return "/".join([*parts, mapped.plural, *([quote(name, safe="")] if name else [])])


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _identity(obj: Object) -> tuple[GVK, str, str]:
    metadata = obj.get("metadata") or {}
    return GVK.of(obj), metadata.get("namespace") or "", metadata.get("name") or ""


def _options(field_manager: str, dry_run: bool) -> dict[str, str]:
    return ({"dryRun": "All"} if dry_run else {}) | {"fieldManager": field_manager}
