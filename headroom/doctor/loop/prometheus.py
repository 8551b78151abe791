"""The stack's Prometheus, asked through the API server's proxy to its Service: nothing else of a cluster need be reachable from here.

Sources: Prometheus' HTTP API, https://prometheus.io/docs/prometheus/latest/querying/api/; what the proxy says when it finds nobody,
kubernetes/kubernetes pkg/registry/core/service/storage/storage.go (ResourceLocation).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from headroom.desired.platform.prometheus import Endpoint
from headroom.doctor.conflicts import service_of
from headroom.doctor.loop.links import Broken, CannotTell
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import ApiError, NotJson, Unreachable

UNREACHABLE = ("i/o timeout", "no route to host", "deadline exceeded", "network is unreachable", "No agent available")
"""What a proxy says whose control plane cannot reach the cluster's pods: it says nothing about them."""

_NOBODY = "no endpoints available"
_SERVICE = GVK("v1", "Service")


class NotOffered(CannotTell):
    """What answers has no such path: something that speaks only Prometheus' queries."""


@dataclass(frozen=True)
class Element:
    """One element of an instant vector."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """Every method raises `Broken` where it is Prometheus itself that is not there, `CannotTell` where it cannot be asked."""

    def __init__(self, client: Client, where: Endpoint, headers: Mapping[str, str], rights: str) -> None:
        self._client, self._where, self._headers, self._rights = client, where, headers, rights
        self._refused: Broken | CannotTell | None = None
        self._ahead: float | None = None

    @property
    def service(self) -> str:
        place = service_of(self._where.url)
        return "/".join(place) if place else self._where.url

    def query(self, expression: str) -> list[Element]:
        """An instant vector, or a scalar as one element without labels."""
        data = self.get("/api/v1/query", query=expression)
        result = data.get("result") or []
        if data.get("resultType") == "scalar":
            return [Element({}, float(result[1]))]
        return [Element(item["metric"], float(item["value"][1])) for item in result]

    def now(self) -> float:
        """The present by its clock, in seconds since 1970; by this machine's where it cannot be asked."""
        if self._ahead is None:
            try:
                self._ahead = self.query("time()")[0].value - time.time()
            except (Broken, CannotTell):
                return time.time()
        return time.time() + self._ahead

    def age(self, moment: str) -> float:
        """Seconds since a moment as its API writes it."""
        return max(0.0, self.now() - datetime.fromisoformat(moment).timestamp())

    def get(self, path: str, **query: str) -> Any:
        """The data of an answer. Raises `NotOffered` where there is no such path."""
        if self._refused:
            raise self._refused
        try:
            answer = self._client.get_path(self._proxied(path, query), headers=self._headers)
        except ApiError as error:
            raise self._said(error, path) from None
        except NotJson:
            raise self._remembered(Broken(f"something else than a Prometheus answers at Service {self.service}", self._elsewhere)) from None
        except Unreachable as error:
            raise self._remembered(CannotTell(f"nothing came back from Service {self.service}: {error}", "look again")) from None
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise self._remembered(Broken(f"something else than a Prometheus answers at Service {self.service}", self._elsewhere))
        return answer.get("data") or {}

    def _proxied(self, path: str, query: Mapping[str, str]) -> str:
        place = service_of(self._where.url)
        if place is None:
            raise self._remembered(
                CannotTell(
                    f"Prometheus is at {self._where.url}, outside of the cluster: the API server leads to Services alone",
                    "look there at its targets and rules",
                )
            )
        namespace, _ = place
        return f"/api/v1/namespaces/{namespace}/services/{proxied_name(self._where)}/proxy{self._where.path}{path}" + (
            f"?{urlencode(query)}" if query else ""
        )

    def _said(self, error: ApiError, path: str) -> Exception:
        gone = error.details.get("kind")
        if error.status == 404 and gone not in ("services", "namespaces"):
            return NotOffered(f"what answers at Service {self.service} has no {path}")
        if error.status == 503 and _NOBODY in error.message and not self._selects_pods():
            return self._remembered(
                CannotTell(
                    f"Service {self.service} selects no pods, and the API server leads to pods alone", "look there at its targets and rules"
                )
            )
        return self._remembered(_reason(error, self.service, self._rights, self._elsewhere))

    def _selects_pods(self) -> bool:
        """Whether it is a Service of pods, and not one that stands for addresses that somebody wrote down."""
        namespace, name = service_of(self._where.url) or ("", "")
        try:
            found = next((item for item in self._client.list(_SERVICE, namespace) if item["metadata"]["name"] == name), None)
        except ApiError:
            return False
        return bool(((found or {}).get("spec") or {}).get("selector"))

    def _remembered(self, refusal: Broken | CannotTell) -> Broken | CannotTell:
        self._refused = refusal
        return refusal

    @property
    def _elsewhere(self) -> str:
        return "see its pods and events, and whether platform.monitoring of the stack says where it is"


def proxied_name(where: Endpoint) -> str:
    """How the API server's proxy calls a Service and its port: `name:9090`, or `https:name:443`."""
    _, name = service_of(where.url) or ("", "")
    scheme = urlsplit(where.url).scheme
    return f"{'https:' if scheme == 'https' else ''}{name}:{where.port or (443 if scheme == 'https' else 80)}"


def _reason(error: ApiError, service: str, rights: str, fix: str) -> Broken | CannotTell:
    told: Callable[[str], Broken] = lambda what: Broken(what, fix)  # noqa: E731
    if error.status == 403:
        return CannotTell(f"you may not ask Service {service} through the API server (get services/proxy)", rights)
    if error.status == 401:
        return CannotTell(
            f"Service {service} wants to be shown a credential, which is not passed on", "look there at its targets and rules"
        )
    if error.status == 404:
        return told(f"there is no Service {service}")
    if any(words in error.message for words in UNREACHABLE) or error.status in (502, 504):
        return CannotTell(
            f"the API server cannot reach the pods of Service {service}: {error.message}",
            "let the control plane reach the port of Prometheus, in a firewall of the cloud or of the cluster",
        )
    if error.status == 503:
        return told(f"Service {service} does not answer: {error.message}")
    return CannotTell(f"Service {service} answered {error.status}: {error.message}")
