"""Traefik (chart 41.3.0).

Source of the keys: traefik/traefik-helm-chart traefik/values.yaml and templates/_podtemplate.tpl; of the limits:
`headroom.catalog.entrypoints`; of what clouds make of a Service: `headroom.catalog.load_balancers`.
"""

from __future__ import annotations

from dataclasses import replace

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.catalog.entrypoints import GRPC, HTTP, HTTPS, EntryPoint
from headroom.catalog.load_balancers import LOAD_BALANCERS
from headroom.catalog.names import APP_MANAGED_BY, MANAGER, traefik_selector
from headroom.desired.objects import Object, duration, obj
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.monitor import service_monitor
from headroom.settings.platform import Mode, Monitoring, Platform, Traefik
from headroom.settings.platform.traefik import Scope
from headroom.settings.stack import Stack

GROUP = "traefik.io/v1alpha1"
METRICS_PORT = 9100
HEALTH_PORT = 8080

ACCEPT_SECONDS = 10
"""How long a pod of Traefik that goes still takes connections: until load balancers have heard of it."""
ENDPOINTS_SECONDS = 0.5
"""How often changed endpoints are read: how late a new replica gets its first request, and a leaving one its last."""
STREAMS_PER_CONNECTION = 1000
"""A client that opens more streams than this on one connection waits without a word; by default at 250."""


def values(platform: Platform, on: Distribution) -> Object:
    """Values with which every protocol has an entrypoint of its own and nothing is served that no route asks for."""
    traefik, monitoring = platform.traefik, platform.monitoring
    return {
        "fullnameOverride": traefik.release,
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "deployment": {
            "replicas": 2,
            "terminationGracePeriodSeconds": int(ACCEPT_SECONDS + traefik.drain) + 5,
        },
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        **placement.pods(platform),
        "topologySpreadConstraints": placement.apart(traefik_selector(traefik.release, traefik.namespace)),
        # Without a request its pods are the first to be evicted from a node that is short of memory.
        "resources": {"requests": {"cpu": "250m", "memory": "128Mi"}},
        "service": _service(traefik, on),
        # Routes name this Traefik by its entrypoints. A default class draws every Ingress that names none to it.
        "ingressClass": {"enabled": traefik.default_ingress_class, "isDefaultClass": traefik.default_ingress_class},
        "providers": {
            "kubernetesIngress": {"enabled": traefik.default_ingress_class},
            "kubernetesCRD": {"enabled": True, "allowCrossNamespace": False, "allowEmptyServices": True, "nativeLBByDefault": False},
        },
        "api": {"dashboard": False},
        "ports": {
            "traefik": {"port": HEALTH_PORT, "expose": {"default": False}, "protocol": "TCP"},
            "metrics": {"port": METRICS_PORT, "expose": {"default": False}, "protocol": "TCP"},
            **{name: _port(entry, traefik, exposed=name in _exposed(traefik)) for name, entry in _entrypoints(traefik).items()},
        },
        "metrics": {"prometheus": _metrics(monitoring)},
        "additionalArguments": [
            f"--providers.providersThrottleDuration={duration(ENDPOINTS_SECONDS)}",
            *(f"--entryPoints.{name}.http2.maxConcurrentStreams={STREAMS_PER_CONNECTION}" for name in _entrypoints(traefik)),
        ],
    }


def _entrypoints(traefik: Traefik) -> dict[str, EntryPoint]:
    """By name; that for TLS is there in any case, because the chart has it."""
    names = traefik.entrypoints
    return {names.http: HTTP, names.https: HTTPS, names.grpc: GRPC}


def _exposed(traefik: Traefik) -> set[str]:
    """The entrypoints that are open outside. That for TLS is not without a certificate: its own would be one that nobody trusts."""
    names, tls = traefik.entrypoints, traefik.tls
    return {names.grpc, *([names.https] if tls else []), *([names.http] if tls is None or tls.redirect else [])}


def _service(traefik: Traefik, on: Distribution) -> Object:
    """The Service before Traefik's pods, which see the clients' own addresses: routes are limited and balanced by them."""
    asked, cloud = traefik.load_balancer, LOAD_BALANCERS[on.name]
    if cloud is None or asked.scope is Scope.NONE:
        return {"spec": {"type": "ClusterIP"}}
    annotations = cloud.public if asked.scope is Scope.PUBLIC else cloud.internal or {}
    return {
        "annotations": {**annotations, **asked.annotations},
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Local",
            **({"loadBalancerClass": cloud.load_balancer_class} if cloud.load_balancer_class else {}),
            **({"loadBalancerSourceRanges": list(asked.allowed_sources)} if asked.allowed_sources else {}),
        },
    }


def _port(entry: EntryPoint, traefik: Traefik, *, exposed: bool) -> Object:
    return {
        "port": entry.listens,
        "exposedPort": entry.port,
        "expose": {"default": exposed},
        "protocol": "TCP",
        **({"http": {"tls": {"enabled": True}}} if entry is HTTPS else {}),
        "transport": {
            "respondingTimeouts": {"readTimeout": entry.read_timeout, "writeTimeout": "0s", "idleTimeout": entry.idle_timeout},
            "lifeCycle": {"requestAcceptGraceTimeout": f"{ACCEPT_SECONDS}s", "graceTimeOut": duration(traefik.drain)},
        },
    }


def _metrics(monitoring: Monitoring) -> Object:
    """Requests are counted by router too: a server without pods has no other series that counts them."""
    monitor = {**service_monitor(monitoring), "scrapeTimeout": duration(monitoring.scrape_timeout)}
    # The chart would refuse to render before the cluster knows ServiceMonitors, which the same program installs.
    scraped = {"service": {"enabled": True}, "disableAPICheck": True, "serviceMonitor": monitor}
    return {
        "entryPoint": "metrics",
        "addRoutersLabels": True,
        **(scraped if monitoring.mode is not Mode.NONE else {}),
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    # Whoever makes its load balancer must be there to take it away again.
    needs = ("monitoring", "awsLoadBalancerController")
    found = installed("traefik", charts.TRAEFIK, platform.traefik, values(platform, on), stack, needs=needs)
    tls = platform.traefik.tls
    return replace(found, later={"certificate": default_certificate(platform.traefik, tls.secret)}) if tls and tls.secret else found


def default_certificate(traefik: Traefik, secret: str) -> Object:
    """The certificate of every route that has none of its own. Traefik knows one store, of this name, whatever its namespace."""
    return obj(
        GROUP,
        "TLSStore",
        "default",
        namespace=traefik.namespace,
        labels={APP_MANAGED_BY: MANAGER},
        spec={"defaultCertificate": {"secretName": secret}},
    )
