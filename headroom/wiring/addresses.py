"""Where a Prometheus answers, and whether an address leads there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from headroom.wiring.document import Place
from headroom.wiring.values import Unknown

Text = str | Unknown
GOVERNING = "prometheus-operated"
"""The Service that the operator makes in the namespace of each Prometheus (prometheus-operator pkg/prometheus/server/statefulset.go)."""
GOVERNING_PORT = 9090


@dataclass(frozen=True)
class Answering:
    """A Prometheus, and the Service of its own that a chart gives it."""

    service: Text | None
    """None where nothing but the operator's Service leads to it."""
    namespace: Text
    port: int | Unknown
    prefix: Text
    """What its paths begin with, without a slash at the end."""
    enabled: bool | Unknown
    place: Place


@dataclass(frozen=True)
class Address:
    """A URL at which Prometheus is asked."""

    url: SplitResult
    service: str
    namespace: str
    in_cluster: bool
    """Whether it certainly names a Service."""

    @classmethod
    def of(cls, text: str) -> Address | None:
        """None where the text is no URL."""
        try:
            url = urlsplit(text)
            usable = url.scheme in ("http", "https") and url.hostname and (url.port or True)
        except ValueError:
            return None
        if not usable:
            return None
        service, _, rest = str(url.hostname).partition(".")
        namespace, _, domain = rest.partition(".")
        return cls(url, service, namespace, domain.partition(".")[0] == "svc")

    @property
    def port(self) -> int:
        return self.url.port or (443 if self.url.scheme == "https" else 80)

    @property
    def prefix(self) -> str:
        return self.url.path.rstrip("/")


def fault(address: Address, answering: tuple[Answering, ...], *, closed: bool) -> tuple[str, str] | None:
    """Why an address leads to no Prometheus, and where one is; None where it may lead to one.

    `closed`: there is none beside those that are told.
    """
    meant = next((found for found in answering if _is_meant(address, found)), None)
    if meant is not None:
        return _of_meant(address, meant)
    # One of which the namespace or the Service is not told may be the one.
    if not answering or any(isinstance(found.namespace, Unknown) for found in answering):
        return None
    if address.service == GOVERNING:
        where = f"the namespace {address.namespace}" if address.namespace else "the namespace of whoever asks"
        return f"leads to {where}, and there is no Prometheus there", _right(answering[0])
    # Elsewhere may be another that is asked in the same words: Thanos, Mimir, VictoriaMetrics.
    meant = any(address.namespace == found.namespace or address.service == found.service for found in answering)
    if closed and address.in_cluster and meant and not any(isinstance(found.service, Unknown) for found in answering):
        return f"leads to the Service {address.namespace}/{address.service}, and no Prometheus answers there", _right(answering[0])
    return None


def _is_meant(address: Address, found: Answering) -> bool:
    return address.namespace == found.namespace and address.service in (found.service, GOVERNING)


def _of_meant(address: Address, found: Answering) -> tuple[str, str] | None:
    if found.enabled is False:
        return "leads to a Prometheus that the chart's values switch off", "leave prometheus.enabled as it is"
    port = GOVERNING_PORT if address.service == GOVERNING else found.port
    if isinstance(port, int) and port != address.port:
        return f"leads to the port {address.port}, and Prometheus answers at {port}", _right(found)
    if isinstance(found.prefix, str) and found.prefix != address.prefix:
        return f"asks below {address.prefix or '/'}, and Prometheus answers below {found.prefix or '/'}", _right(found)
    return None


def _right(found: Answering) -> str:
    by_chart = isinstance(found.service, str) and isinstance(found.port, int)
    service, port = (found.service, found.port) if by_chart else (GOVERNING, GOVERNING_PORT)
    prefix = found.prefix if isinstance(found.prefix, str) else ""
    return f"write http://{service}.{found.namespace}.svc:{port}{prefix}"
