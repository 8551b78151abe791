"""Where the Prometheus of a stack answers: the one place that says so, for triggers, adapter, dashboards and checks."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from headroom.settings.platform import Mode, Monitoring

_PORT = 9090


@dataclass(frozen=True)
class Endpoint:
    """An address of Prometheus' HTTP API."""

    origin: str
    """Scheme and host: `http://prometheus-operated.monitoring.svc`."""
    port: int | None = None
    """The scheme's own where None."""
    path: str = ""
    """What comes before `/api/v1`: empty, or with a slash at its beginning."""

    @property
    def url(self) -> str:
        return f"{self.origin}:{self.port}{self.path}" if self.port else f"{self.origin}{self.path}"


def endpoint(monitoring: Monitoring) -> Endpoint:
    """Where KEDA, prometheus-adapter and Grafana ask.

    What is installed here is asked at the Service that the chart names after the release. Of an existing one nothing but the namespace is
    known: there the operator's own Service leads to the Prometheus, whatever its release is called, as long as the namespace has one alone.
    """
    if monitoring.url:
        url = urlsplit(monitoring.url)
        return Endpoint(f"{url.scheme}://{url.hostname}", url.port, url.path)
    service = f"{monitoring.release}-prometheus" if monitoring.mode is Mode.HELM else "prometheus-operated"
    return Endpoint(f"http://{service}.{monitoring.namespace}.svc", _PORT)
