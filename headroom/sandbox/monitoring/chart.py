"""What the charts make of their Helm values, as far as the sandbox runs it.

The values are the only source: `headroom/desired/platform` renders the same ones for a real cluster. Here stands what only a chart's
templates do (the name of the object, what an absent selector means, the adapter's file) and the two things that differ where the
platform's programs are processes instead of pods: how Prometheus reaches the API server, and where a Service's name leads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import HOST, Layout, inside_url

Values = Mapping[str, Any]
Object = dict[str, Any]

ALERTMANAGER_PORT = "http-web"

SELECTORS = ("serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig")

# The process behind a Service's name: nothing forwards cluster addresses inside the namespace.
SERVICES = {"prometheus-operated": "prometheus"}


def prometheus_object(values: Values, release: str, namespace: str, layout: Layout, *, alerted: bool = False) -> Object:
    """The `Prometheus` object that kube-prometheus-stack makes of `values`; `alerted` where it has an Alertmanager here too."""
    spec = dict(values["prometheus"]["prometheusSpec"])
    # A class of what the stack installs: without it the pods that stand for the process would be refused.
    spec.pop("priorityClassName", None)
    for kind in SELECTORS:
        strict = spec.pop(f"{kind}SelectorNilUsesHelmValues", True)
        spec.setdefault(f"{kind}Selector", {"matchLabels": {"release": release}} if strict else {})
        spec.setdefault(f"{kind}NamespaceSelector", {})
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "metadata": {"name": prometheus_name(values), "namespace": namespace},
        "spec": {"replicas": 1, **spec, **(_alerting(values, namespace) if alerted else {}), "apiserverConfig": _api_server(layout)},
    }


def prometheus_name(values: Values) -> str:
    return _object_name(values, "prometheus")


def alertmanager_name(values: Values) -> str:
    return _object_name(values, "alertmanager")


def alertmanager_objects(values: Values, namespace: str, address: str, port: int) -> list[Object]:
    """The `Alertmanager` object that kube-prometheus-stack makes of `values`, its configuration, and the Service that Prometheus finds.

    No pod answers for that Service: a process does, at `address` and `port`.
    """
    settings, service = values["alertmanager"], _alertmanager_service(values)
    name = alertmanager_name(values)
    spec = {"externalUrl": f"http://{service}.{namespace}:{port}", "retention": "120h", "routePrefix": "/", "portName": ALERTMANAGER_PORT}
    config = {"alertmanager.yaml": json.dumps(settings["config"])}
    ports = [{"name": ALERTMANAGER_PORT, "port": port}]

    def placed(name: str) -> Object:
        return {"name": name, "namespace": namespace}

    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": placed(f"alertmanager-{name}"), "stringData": config},
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "Alertmanager",
            "metadata": placed(name),
            "spec": {**spec, "alertmanagerConfigSelector": {}, "alertmanagerConfigNamespaceSelector": {}, **settings["alertmanagerSpec"]},
        },
        {"apiVersion": "v1", "kind": "Service", "metadata": placed(service), "spec": {"clusterIP": "None", "ports": ports}},
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": placed(service),
            "subsets": [{"addresses": [{"ip": address}], "ports": ports}],
        },
    ]


def _alerting(values: Values, namespace: str) -> Object:
    found = {
        "namespace": namespace,
        "name": _alertmanager_service(values),
        "port": ALERTMANAGER_PORT,
        "pathPrefix": "/",
        "apiVersion": "v2",
    }
    return {"alerting": {"alertmanagers": [found]}}


def _alertmanager_service(values: Values) -> str:
    return f"{values['fullnameOverride']}-alertmanager"


def _object_name(values: Values, kind: str) -> str:
    name = values["fullnameOverride"]
    return name if values.get("cleanPrometheusOperatorObjectNames") else f"{name}-{kind}"


def _api_server(layout: Layout) -> Object:
    files = {
        "caFile": str(layout.certificate("ca")),
        "certFile": str(layout.certificate("prometheus")),
        "keyFile": str(layout.key("prometheus")),
    }
    return {"host": inside_url("kube-apiserver"), "tlsConfig": files}


def adapter_config(values: Values) -> Object:
    """The configuration file that the chart prometheus-adapter makes of `rules`."""
    rules = values["rules"]
    if rules.get("default", True):
        raise SandboxError("prometheus-adapter: rules.default asks for rules that only the chart has; set it to false")
    return {"rules": list(rules.get("custom", [])), "externalRules": list(rules.get("external", []))}


def adapter_arguments(values: Values, prometheus: str) -> tuple[str, ...]:
    """`prometheus` is its URL."""
    return (
        f"--prometheus-url={prometheus}",
        f"--metrics-relist-interval={values['metricsRelistInterval']}",
        *values.get("extraArguments", []),
    )


def prometheus_url(values: Values) -> str:
    """Where the chart prometheus-adapter has it ask."""
    prometheus = values["prometheus"]
    port = f":{prometheus['port']}" if prometheus["port"] else ""
    return f"{prometheus['url']}{port}{prometheus['path']}"


def hosts(namespace: str) -> str:
    """A hosts file in which the names of `SERVICES` in `namespace` lead to the processes behind them."""
    names = [f"{service}.{namespace}.{suffix}" for service in SERVICES for suffix in ("svc", "svc.cluster.local")]
    return "".join(f"{HOST} {name}\n" for name in ("localhost", *names))


def inside(url: str) -> str:
    """Where the Service of `url` answers inside the namespace."""
    asked = urlsplit(url)
    target = SERVICES.get((asked.hostname or "").partition(".")[0])
    if target is None or not inside_url(target).endswith(f":{asked.port}"):
        known = ", ".join(f"{name}:{inside_url(process).rpartition(':')[2]}" for name, process in SERVICES.items())
        raise SandboxError(f"no process of the sandbox answers at {url}; the Services it knows: {known}")
    return inside_url(target)
