"""The least rights with which a stack's loops can be measured: roles of these namespaces, and proxies to what is named in them alone.

How a role names a Service and its port: the proxy's own spelling, as the roles of kubernetes/dashboard have it
(charts/kubernetes-dashboard/templates/rbac/metrics-scraper). The names of pods change, so that of pods a namespace's all are in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from headroom.desired.objects import Object
from headroom.doctor.conflicts import service_of
from headroom.doctor.loop.prometheus import proxied_name
from headroom.doctor.loop.watched import Watched

NAME = "headroom-doctor-loop"
_PROMETHEUS = "headroom-doctor-prometheus"


def roles(servers: Sequence[Watched]) -> list[Object]:
    """A Role in each namespace of the servers, and one for the Prometheus that their autoscalers ask."""
    return [
        *(_role(NAME, namespace, _of_servers()) for namespace in sorted({server.namespace for server in servers})),
        *_prometheus(servers),
    ]


def _of_servers() -> list[dict[str, Any]]:
    def rule(group: str, verbs: list[str], *resources: str) -> dict[str, Any]:
        return {"apiGroups": [group], "resources": list(resources), "verbs": verbs}

    return [
        rule("", ["list"], "pods"),
        rule("", ["get"], "pods/proxy"),
        rule("apps", ["get"], "deployments"),
        rule("leaderworkerset.x-k8s.io", ["get"], "leaderworkersets"),
        rule("monitoring.coreos.com", ["get"], "podmonitors", "prometheusrules"),
        rule("keda.sh", ["get"], "scaledobjects"),
        rule("autoscaling", ["get", "list"], "horizontalpodautoscalers"),
        # A metric's name is its resource's.
        rule("custom.metrics.k8s.io", ["get", "list"], "*"),
        rule("external.metrics.k8s.io", ["get", "list"], "*"),
        rule("metrics.k8s.io", ["list"], "pods"),
    ]


def _prometheus(servers: Sequence[Watched]) -> Iterator[Object]:
    for where in dict.fromkeys(server.prometheus for server in servers):
        if place := service_of(where.url):
            rule = {"apiGroups": [""], "resources": ["services/proxy"], "resourceNames": [proxied_name(where)], "verbs": ["get"]}
            yield _role(_PROMETHEUS, place[0], [rule])


def _role(name: str, namespace: str, rules: list[dict[str, Any]]) -> Object:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": namespace},
        "rules": rules,
    }
