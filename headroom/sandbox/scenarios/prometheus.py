"""The two ways to the stack's Prometheus, and the one question that a recording asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.sandbox.layout import inside_url

TIMEOUT_SECONDS = 2.0
API = "/api/v1/query"

Ask = Callable[[str], Any]
"""Answers `path?query` with decoded JSON; raises `httpx.HTTPError` or `ClusterError`."""


def in_sandbox() -> Ask:
    """The process inside the sandbox's namespace."""
    http = httpx.Client(base_url=inside_url("prometheus"), timeout=TIMEOUT_SECONDS, trust_env=False)
    return lambda path: http.get(path).raise_for_status().json()


def through_api_server(client: Client, namespace: str) -> Ask:
    """The operator's Service on any cluster, by way of the API server's proxy to it."""
    proxy = f"/api/v1/namespaces/{namespace}/services/prometheus-operated:9090/proxy"
    return lambda path: client.get_path(proxy + path)


def value(ask: Ask, expression: str) -> float | None:
    """The value of an expression that has one element; None where it has none, or nobody answers."""
    try:
        result = ask(f"{API}?{urlencode({'query': expression})}")["data"]["result"]
    except (httpx.HTTPError, ClusterError, KeyError, TypeError, ValueError):
        return None
    return float(result[0]["value"][1]) if len(result) == 1 else None
