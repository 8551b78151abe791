"""What the charts make of their Helm values, as far as the sandbox runs it.

The values are the only source: `headroom/desired/platform` renders the same ones for a real cluster. Here stands what only a chart's
templates do (the name of the object, what an absent selector means, the adapter's file) and the two things that differ where the
platform's programs are processes instead of pods: how Prometheus reaches the API server, and where a Service's name leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import HOST, Layout, inside_url

Values = Mapping[str, Any]
Object = dict[str, Any]

SELECTORS = ("serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig")

# The process behind a Service's name: nothing forwards cluster addresses inside the namespace.
SERVICES = {"prometheus-operated": "prometheus"}


def prometheus_object(values: Values, release: str, namespace: str, layout: Layout) -> Object:
    """The `Prometheus` object that kube-prometheus-stack makes of `values`."""
    spec = dict(values["prometheus"]["prometheusSpec"])
    for kind in SELECTORS:
        strict = spec.pop(f"{kind}SelectorNilUsesHelmValues", True)
        spec.setdefault(f"{kind}Selector", {"matchLabels": {"release": release}} if strict else {})
        spec.setdefault(f"{kind}NamespaceSelector", {})
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "metadata": {"name": prometheus_name(values), "namespace": namespace},
        "spec": {"replicas": 1, **spec, "apiserverConfig": _api_server(layout)},
    }


def prometheus_name(values: Values) -> str:
    name = values["fullnameOverride"]
    return name if values.get("cleanPrometheusOperatorObjectNames") else f"{name}-prometheus"


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
