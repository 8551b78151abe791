"""A cluster in which a server's loop holds, as its API server answers; a test changes what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from headroom.desired.objects import Object
from headroom.doctor.detect import detect
from headroom.doctor.found import Found
from headroom.doctor.kinds import API_SERVICES, PROMETHEUSES
from headroom.doctor.loop import Link, Loop, Watched
from headroom.doctor.loop.looking import HPA, NODE, POD, POD_MONITOR, RULES, SCALED_OBJECT, Look
from headroom.doctor.loop.measure import loop
from headroom.doctor.reading import Reading
from headroom.plugins.kubernetes.client import GVK
from headroom.plugins.kubernetes.errors import ApiError, NoMatch
from tests.doctor.objects import api_service, prometheus

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
VALUE = "0.05"
PROXY = "/proxy/api/v1/"


def ago(seconds: float) -> str:
    return datetime.fromtimestamp(NOW - seconds, UTC).isoformat()


def forbidden(*_: Any) -> Any:
    raise ApiError(403, "Forbidden", "no")


def refusing(status: int, message: str, **details: str) -> Callable[..., Any]:
    """Answers whatever is asked with an error."""

    def answer(*_: Any) -> Any:
        raise ApiError(status, "", message, dict(details))

    return answer


@dataclass
class Cluster:
    """A client whose API server knows one server. `objects` by kind; `instead` answers before everything else, by a part of the path."""

    server: Watched
    objects: dict[GVK, list[Object]] = field(default_factory=dict)
    instead: dict[str, Callable[..., Any]] = field(default_factory=dict)
    instant: dict[str, str] = field(default_factory=dict)
    """Values of Prometheus by a part of the expression; those that are not named have one."""
    age: float = 1
    prometheuses: list[Object] = field(default_factory=lambda: [prometheus()])
    apis: list[Object] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        server = self.server
        pod: Object = {
            **deepcopy(server.workload["spec"]["template"]),
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": ago(600)}]},
        }
        pod["metadata"] |= {"name": "demo-1", "namespace": server.namespace, "creationTimestamp": ago(700)}
        scaled = {"replicas": 1, "readyReplicas": 1}
        self.objects = {
            server.workload_kind: [deepcopy(server.workload) | {"status": scaled}],
            POD: [pod],
            POD_MONITOR: [deepcopy(server.desired.objects["monitor"])],
            RULES: [deepcopy(server.desired.objects["rules"])],
            NODE: [_node(number) for number in range(2)],
            GVK("v1", "Service"): [{"metadata": {"name": "prometheus-operated"}, "spec": {"selector": {"app": "prometheus"}}}],
            HPA: [_hpa(server)],
            **({SCALED_OBJECT: [_scaled_object(server)]} if server.by_keda else {}),
        }
        self.one(server.workload_kind)["spec"]["replicas"] = 1
        self.apis = [
            api_service("v1beta1.custom.metrics.k8s.io", "monitoring/prometheus-adapter"),
            api_service("v1beta1.external.metrics.k8s.io", "keda/keda-operator-metrics-apiserver"),
        ]

    def one(self, gvk: GVK) -> Object:
        return self.objects[gvk][0]

    @property
    def found(self) -> Found:
        return detect(Reading({API_SERVICES: self.apis, PROMETHEUSES: self.prometheuses}))

    def loop(self) -> Loop:
        client: Any = self
        return loop(Look(client, self.server, self.found, sleep=self.slept.append))

    def link(self, name: str) -> Link:
        return next(link for link in self.loop().links if link.name == name)

    # What a client answers

    def get(self, gvk: GVK, namespace: str, name: str) -> Object:
        self._asked(f"{gvk.kind}/{name}")
        found = next((item for item in self.objects.get(gvk, []) if item["metadata"]["name"] == name), None)
        if found is None:
            raise ApiError(404, "NotFound", "not found")
        return found

    def list(self, gvk: GVK, namespace: str = "", *, label_selector: str = "") -> list[Object]:
        self._asked(f"{gvk.kind}/")
        if gvk not in self.objects:
            raise NoMatch(*gvk)
        return self.objects[gvk]

    def get_text(self, path: str) -> str:
        if answer := self._asked(path):
            return answer
        return 'nv_inference_queue_duration_us{model="m"} 1\nnv_inference_request_success{model="m"} 1\n'

    def get_path(self, path: str, *, headers: Mapping[str, str] | None = None) -> Any:
        if answer := self._asked(path):
            return answer
        if PROXY in path:
            return {"status": "success", "data": self._prometheus(path.partition(PROXY)[2])}
        parts = path.strip("/").split("/")
        if len(parts) == 3:
            return {"kind": "APIResourceList"}
        return {"items": [{"value": VALUE, "timestamp": ago(self.age)}]}

    def _asked(self, what: str) -> Any:
        for part, answer in self.instead.items():
            if part in what:
                return answer(what)
        return None

    def _prometheus(self, asked: str) -> Any:
        url = urlsplit(asked)
        place = f"{self.server.namespace}/{self.server.name}"
        pool = f"podMonitor/{place}/0"
        match url.path:
            case "query":
                return self._instant(parse_qs(url.query)["query"][0])
            case "scrape_pools":
                return {"scrapePools": [pool]}
            case "targets":
                labels = {"pod": "demo-1", "namespace": self.server.namespace, "server": self.server.name}
                read = {"health": "up", "lastScrape": ago(self.age), "lastError": "", "scrapeUrl": "http://10.0.0.1:8002/metrics"}
                return {"activeTargets": [{"scrapePool": pool, "labels": labels, **read}]}
            case "rules":
                rules = [
                    {"name": rule["record"], "health": "ok", "lastEvaluation": ago(self.age)} for rule in self.server.rule_group["rules"]
                ]
                return {"groups": [{"name": self.server.rule_group["name"], "rules": rules}]}
        raise AssertionError(asked)

    def _instant(self, expression: str) -> Any:
        for part, value in self.instant.items():
            if part in expression:
                return {"resultType": "vector", "result": [_element(each) for each in value.split()]}
        if expression == "time()":
            return {"resultType": "scalar", "result": [NOW, str(NOW)]}
        if expression.startswith("{__name__"):
            names = re.findall(r"[a-z_:]+", expression.partition('=~"')[2].partition('"')[0])
            return {"resultType": "vector", "result": [_element("1", __name__=name) for name in names]}
        return {"resultType": "vector", "result": [_element(str(self.age) if "timestamp" in expression else VALUE)]}


def _element(value: str, **labels: str) -> Any:
    return {"metric": {"pod": "demo-1", **labels}, "value": [NOW, value]}


def _node(number: int) -> Object:
    return {"metadata": {"name": f"gpu-{number}"}, "status": {"allocatable": {"nvidia.com/gpu": "1"}}}


def _scaled_object(server: Watched) -> Object:
    found = deepcopy(server.desired.objects["autoscaler"])
    triggers = found["spec"]["triggers"]
    names = [f"s{number}-prometheus" for number, trigger in enumerate(triggers) if trigger["type"] == "prometheus"]
    return found | {"status": {"conditions": [{"type": "Ready", "status": "True"}], "externalMetricNames": names}}


def _hpa(server: Watched) -> Object:
    """The stack's own, or what KEDA makes of its ScaledObject."""
    if not server.by_keda:
        found = deepcopy(server.desired.objects["autoscaler"])
    else:
        scaled = server.desired.objects["autoscaler"]["spec"]
        metrics = [
            {"type": "External", "external": {"metric": {"name": f"s{number}-prometheus"}, "target": _threshold(trigger)}}
            for number, trigger in enumerate(scaled["triggers"])
        ]
        found = {
            "metadata": {"name": server.hpa},
            "spec": {
                "scaleTargetRef": scaled["scaleTargetRef"],
                "minReplicas": max(1, scaled["minReplicaCount"]),
                "maxReplicas": scaled["maxReplicaCount"],
                "metrics": metrics,
            },
        }
    conditions = [{"type": kind, "status": "True"} for kind in ("AbleToScale", "ScalingActive")]
    return found | {"status": {"conditions": conditions, "desiredReplicas": 1, "currentMetrics": _current(found["spec"]["metrics"])}}


def _threshold(trigger: Object) -> Object:
    kind = trigger["metricType"]
    return {"type": kind, kind[:1].lower() + kind[1:]: trigger["metadata"]["threshold"]}


def _current(metrics: list[Object]) -> list[Object]:
    found = []
    for metric in metrics:
        kind = metric["type"].lower()
        name = {"name": metric[kind]["name"]} if "name" in metric[kind] else {"metric": metric[kind]["metric"]}
        found.append({"type": metric["type"], kind: {**name, "current": {"value": "50m"}}})
    return found
