"""The two ways to the stack's Prometheus, and the one question that a recording asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from headroom.desired.platform.prometheus import Endpoint
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import inside_url

TIMEOUT_SECONDS = 2.0
API = "/api/v1/query"

Ask = Callable[[str], Any]
"""Answers `path?query` with decoded JSON; raises `httpx.HTTPError` or `ClusterError`."""


def in_sandbox() -> Ask:
    """The process inside the sandbox's namespace."""
    http = httpx.Client(base_url=inside_url("prometheus"), timeout=TIMEOUT_SECONDS, trust_env=False)
    return lambda path: http.get(path).raise_for_status().json()


def through_api_server(client: Client, where: Endpoint) -> Ask:
    """The Service that the stack names, on any cluster, by way of the API server's proxy to it.

    Raises `SandboxError` where it names none.
    """
    url = urlsplit(where.origin)
    service, _, rest = (url.hostname or "").partition(".")
    namespace, _, domain = rest.partition(".")
    if not (domain + ".").startswith("svc."):
        raise SandboxError(f"{where.url} is outside of the cluster: a recording asks a Service, such as http://thanos.monitoring.svc:9090")
    port = where.port or {"http": 80, "https": 443}[url.scheme]
    proxy = f"/api/v1/namespaces/{namespace}/services/{'https:' if url.scheme == 'https' else ''}{service}:{port}/proxy{where.path}"
    return lambda path: client.get_path(proxy + path)


def value(ask: Ask, expression: str) -> float | None:
    """The value of an expression that has one element; None where it has none, or nobody answers."""
    try:
        result = ask(f"{API}?{urlencode({'query': expression})}")["data"]["result"]
    except (httpx.HTTPError, ClusterError, KeyError, TypeError, ValueError):
        return None
    return float(result[0]["value"][1]) if len(result) == 1 else None
