"""The Kubernetes API, asynchronously, for what lives by what it is told: the agent, the reloader, a load that follows its pods."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from headroom import yaml_text
from headroom.sandbox.api import why
from headroom.sandbox.errors import SandboxError

Object = dict[str, Any]
_log = logging.getLogger(__name__)
_SECONDS = 30
_WATCH_SECONDS = 240
_RETRY_SECONDS = 1.0


class ApiError(SandboxError):
    """The API server refused a request, or could not be reached (`status` 0)."""

    def __init__(self, what: str, status: int, message: str) -> None:
        super().__init__(f"{what}: {message} ({f'HTTP {status}' if status else 'no answer'})")
        self.status = status


class Api:
    """Requests as the user of a kubeconfig's current context, which has its certificates as data or as files."""

    def __init__(self, kubeconfig: Path) -> None:
        server, context = connection(kubeconfig)
        self._http = httpx.AsyncClient(base_url=server, verify=context, timeout=_SECONDS, trust_env=False)

    async def get(self, path: str) -> Object | None:
        """The object at `path`, None where there is none."""
        try:
            return await self._request("GET", path)
        except ApiError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    async def create(self, path: str, content: Mapping[str, Any]) -> Object:
        return await self._request("POST", path, content, "application/json")

    async def patch(self, path: str, content: Mapping[str, Any], kind: str = "merge-patch") -> Object:
        """`kind`: merge-patch, or strategic-merge-patch, which merges lists by the keys of their type."""
        return await self._request("PATCH", path, content, f"application/{kind}+json")

    async def delete_now(self, path: str, uid: str) -> None:
        """Deletes the object with that uid without grace; what is gone already is fine."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
        try:
            await self._request("DELETE", path, options, "application/json")
        except ApiError as error:
            if error.status not in (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT):
                raise

    async def watch(self, path: str, *, fields: str = "", labels: str = "") -> AsyncIterator[tuple[str, Any]]:
        """Without end: ("LISTED", [object …]) first and after every interruption, then ("ADDED" | "MODIFIED" | "DELETED", object)."""
        query = {key: value for key, value in (("fieldSelector", fields), ("labelSelector", labels)) if value}
        while True:
            try:
                listed = await self._request("GET", path, query=query)
                yield "LISTED", listed["items"]
                async for event in self._events(path, query, listed["metadata"]["resourceVersion"]):
                    yield event
            except (ApiError, httpx.HTTPError) as error:
                _log.warning("watch of %s interrupted: %s", path, error or type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _events(self, path: str, query: Mapping[str, str], version: str) -> AsyncIterator[tuple[str, Object]]:
        while True:
            watch = {
                **query,
                "watch": "1",
                "allowWatchBookmarks": "true",
                "resourceVersion": version,
                "timeoutSeconds": str(_WATCH_SECONDS),
            }
            timeout = httpx.Timeout(_SECONDS, read=_WATCH_SECONDS + _SECONDS)
            async with self._http.stream("GET", path, params=watch, timeout=timeout) as response:
                if not response.is_success:
                    return
                async for line in response.aiter_lines():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        return
                    version = event["object"]["metadata"]["resourceVersion"]
                    if event["type"] != "BOOKMARK":
                        yield event["type"], event["object"]

    async def _request(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None = None,
        kind: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Object:
        body = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": kind} if kind else {}
        try:
            response = await self._http.request(method, path, content=body, headers=headers, params=query or None)
        except httpx.HTTPError as error:
            raise ApiError(f"{method} {path}", 0, str(error) or type(error).__name__) from error
        if response.is_success:
            return response.json()
        raise ApiError(f"{method} {path}", response.status_code, why(response))


def connection(kubeconfig: Path) -> tuple[str, ssl.SSLContext]:
    """The server of a kubeconfig's current context, and what to speak to it with."""
    config = yaml_text.load(kubeconfig.read_text())
    chosen = next(entry["context"] for entry in config["contexts"] if entry["name"] == config["current-context"])
    cluster = next(entry["cluster"] for entry in config["clusters"] if entry["name"] == chosen["cluster"])
    user = next(entry["user"] for entry in config["users"] if entry["name"] == chosen["user"])
    with tempfile.TemporaryDirectory() as scratch:

        def file(owner: Mapping[str, str], key: str) -> str:
            if key in owner:
                return owner[key]
            path = Path(scratch) / key
            path.touch(mode=0o600)
            path.write_bytes(base64.b64decode(owner[f"{key}-data"]))
            return str(path)

        context = ssl.create_default_context(cafile=file(cluster, "certificate-authority"))
        context.load_cert_chain(file(user, "client-certificate"), file(user, "client-key"))
    return cluster["server"], context
