"""What makes a server's signals appear in Prometheus: the monitor that scrapes its pods, the rules that record its series."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.catalog.engines.model import Engine
from headroom.catalog.names import APP_INSTANCE, SERVER_LABEL, serving_selector
from headroom.desired.binding import BoundSignal, BoundWake, RecordingRule
from headroom.desired.objects import Object, duration, obj
from headroom.settings.platform import Monitoring

_GROUP = "monitoring.coreos.com/v1"


def pod_monitor(name: str, namespace: str, labels: dict[str, str], engine: Engine, nodes: int, monitoring: Monitoring) -> Object:
    """A PodMonitor: one target per pod that serves, whichever Services select it, so that no series is counted twice."""
    pod_label = "__meta_kubernetes_pod_label_" + APP_INSTANCE.replace(".", "_").replace("/", "_")
    return obj(
        _GROUP,
        "PodMonitor",
        name,
        namespace=namespace,
        labels={**labels, **monitoring.labels},
        spec={
            "selector": {"matchLabels": serving_selector(engine.name, name, nodes=nodes)},
            "podMetricsEndpoints": [
                {
                    "port": engine.metrics_port,
                    "path": engine.metrics_path,
                    "interval": duration(monitoring.scrape_interval),
                    "scrapeTimeout": duration(monitoring.scrape_timeout),
                    "relabelings": [{"sourceLabels": [pod_label], "targetLabel": SERVER_LABEL}],
                }
            ],
        },
    )


def prometheus_rule(
    name: str,
    namespace: str,
    labels: dict[str, str],
    signals: Sequence[BoundSignal],
    wake: BoundWake | None,
    alerts: Object,
    monitoring: Monitoring,
) -> Object:
    """The recording rules of a server's signals, evaluated once per scrape, and the group of its `alerts`."""
    return obj(
        _GROUP,
        "PrometheusRule",
        name,
        namespace=namespace,
        labels={**labels, **monitoring.labels},
        spec={
            "groups": [
                {
                    "name": f"headroom.{namespace}.{name}",
                    "interval": duration(monitoring.scrape_interval),
                    "rules": [_rule(rule) for bound in (*signals, *([wake] if wake else [])) for rule in bound.rules],
                },
                alerts,
            ]
        },
    )


def _rule(rule: RecordingRule) -> Object:
    return {"record": rule.record, "expr": rule.expr, **({"labels": dict(rule.labels)} if rule.labels else {})}
