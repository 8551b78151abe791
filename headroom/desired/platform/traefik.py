"""Traefik (chart 41.3.0).

Source of the keys: traefik/traefik-helm-chart traefik/values.yaml and templates/_podtemplate.tpl; of the limits:
`headroom.catalog.entrypoints`.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.catalog.entrypoints import ENTRY_POINTS, EntryPoint
from headroom.catalog.names import APP_INSTANCE, APP_NAME
from headroom.desired.objects import Object, duration
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Mode, Monitoring, Platform, Traefik
from headroom.settings.stack import Stack

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
        "topologySpreadConstraints": placement.apart({APP_NAME: "traefik", APP_INSTANCE: f"{traefik.release}-{traefik.namespace}"}),
        # Without a request its pods are the first to be evicted from a node that is short of memory.
        "resources": {"requests": {"cpu": "250m", "memory": "128Mi"}},
        # Routes name this Traefik by its entrypoints. A default class would draw every Ingress that names none to it.
        "ingressClass": {"enabled": False, "isDefaultClass": False},
        "providers": {
            "kubernetesIngress": {"enabled": False},
            "kubernetesCRD": {"enabled": True, "allowCrossNamespace": False, "allowEmptyServices": True, "nativeLBByDefault": False},
        },
        "api": {"dashboard": False},
        "ports": {
            "traefik": {"port": HEALTH_PORT, "expose": {"default": False}, "protocol": "TCP"},
            "metrics": {"port": METRICS_PORT, "expose": {"default": False}, "protocol": "TCP"},
            # The chart's own entrypoint for TLS, which would be open with a certificate that nobody trusts.
            "websecure": {"port": 8443, "expose": {"default": False}, "protocol": "TCP"},
            **{traefik.entrypoints.of(entry.protocol): _port(entry, traefik) for entry in ENTRY_POINTS.values()},
        },
        "metrics": {"prometheus": _metrics(monitoring)},
        "additionalArguments": [
            f"--providers.providersThrottleDuration={duration(ENDPOINTS_SECONDS)}",
            *(
                f"--entryPoints.{traefik.entrypoints.of(entry.protocol)}.http2.maxConcurrentStreams={STREAMS_PER_CONNECTION}"
                for entry in ENTRY_POINTS.values()
            ),
        ],
    }


def _port(entry: EntryPoint, traefik: Traefik) -> Object:
    return {
        "port": entry.listens,
        "exposedPort": entry.port,
        "expose": {"default": True},
        "protocol": "TCP",
        "transport": {
            "respondingTimeouts": {"readTimeout": entry.read_timeout, "writeTimeout": "0s", "idleTimeout": entry.idle_timeout},
            "lifeCycle": {"requestAcceptGraceTimeout": f"{ACCEPT_SECONDS}s", "graceTimeOut": duration(traefik.drain)},
        },
    }


def _metrics(monitoring: Monitoring) -> Object:
    """Requests are counted by router too: a server without pods has no other series that counts them."""
    monitor = {
        "enabled": True,
        "interval": duration(monitoring.scrape_interval),
        "scrapeTimeout": duration(min(10, monitoring.scrape_interval)),
        "additionalLabels": dict(monitoring.labels),
    }
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
    return installed("traefik", charts.TRAEFIK, platform.traefik, values(platform, on), stack, needs=("monitoring",))
