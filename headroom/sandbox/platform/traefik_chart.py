"""What the chart traefik makes of its values, as far as the sandbox runs it: the program's arguments, and how it is scraped.

Source: traefik/traefik-helm-chart templates/_podtemplate.tpl, service-metrics.yaml, servicemonitor.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headroom.sandbox.layout import POD_GATEWAY
from headroom.sandbox.monitoring.chart import Object, Values

_PROVIDERS = {"kubernetesCRD": "kubernetescrd", "kubernetesIngress": "kubernetesingress"}


def arguments(values: Values) -> tuple[str, ...]:
    return (*_general(values), *_entrypoints(values["ports"]), *values.get("additionalArguments", ()))


def scraped(values: Values, release: str, namespace: str) -> list[Object]:
    """The metrics Service and its ServiceMonitor, where the values want them.

    In place of pods, the Service has the address that the process has among the pods, and the monitor names the Service's port.
    """
    prometheus = values["metrics"]["prometheus"]
    monitor = prometheus.get("serviceMonitor", {})
    if not monitor.get("enabled"):
        return []
    name = values["fullnameOverride"]
    labels = {"app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": f"{release}-{namespace}"}
    limits = {"interval": monitor["interval"], "scrapeTimeout": monitor["scrapeTimeout"]}
    metrics = {**labels, "app.kubernetes.io/component": "metrics"}
    place = {"name": f"{name}-metrics", "namespace": namespace, "labels": metrics}
    port = {"name": "metrics", "port": values["ports"]["metrics"]["port"], "protocol": "TCP"}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": place, "spec": {"ports": [port]}},
        {"apiVersion": "v1", "kind": "Endpoints", "metadata": place, "subsets": [{"addresses": [{"ip": POD_GATEWAY}], "ports": [port]}]},
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "ServiceMonitor",
            "metadata": {"name": name, "namespace": namespace, "labels": {**metrics, **monitor.get("additionalLabels", {})}},
            "spec": {
                "jobLabel": release,
                "endpoints": [{"port": "metrics", "path": f"/{prometheus['entryPoint']}", **limits}],
                "namespaceSelector": {"matchNames": [namespace]},
                "selector": {"matchLabels": metrics},
            },
        },
    ]


def _general(values: Values) -> Iterator[str]:
    if not values["global"]["checkNewVersion"]:
        yield "--global.checkNewVersion=false"
    if values["global"]["sendAnonymousUsage"]:
        yield "--global.sendAnonymousUsage"
    yield "--ping=true"
    yield f"--api.dashboard={_text(values['api']['dashboard'])}"
    prometheus = values["metrics"]["prometheus"]
    yield "--metrics.prometheus=true"
    yield f"--metrics.prometheus.entrypoint={prometheus['entryPoint']}"
    if prometheus.get("addRoutersLabels"):
        yield "--metrics.prometheus.addRoutersLabels=true"
    for key, flag in _PROVIDERS.items():
        provider = values["providers"][key]
        if provider["enabled"]:
            yield f"--providers.{flag}"
            yield from (f"--providers.{flag}.{name}={_text(value)}" for name, value in provider.items() if name != "enabled")


def _entrypoints(ports: Values) -> Iterator[str]:
    for name, port in ports.items():
        entrypoint = f"--entryPoints.{name}"
        yield f"{entrypoint}.address=:{port['port']}/{port['protocol'].lower()}"
        if port.get("http", {}).get("tls", {}).get("enabled"):
            yield f"{entrypoint}.http.tls=true"
        for group, limits in port.get("transport", {}).items():
            yield from (f"{entrypoint}.transport.{group}.{limit}={value}" for limit, value in limits.items())


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
