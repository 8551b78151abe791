"""APIServices of the three metrics APIs."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import MetricsApi

KINDS = {("apiregistration.k8s.io", "APIService")}
_APIS = ("metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io")


def read(document: Document) -> Iterator[MetricsApi]:
    root = Cursor.of(document)
    service = root["spec"]["service"]
    group, name, namespace = root["spec"]["group"].text(), service["name"].text(), service["namespace"].text()
    if group in _APIS and isinstance(name, str):
        yield MetricsApi(str(group), f"Service {namespace}/{name}", root["spec"].place)
