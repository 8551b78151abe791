"""Each link of a loop: what breaks it, what is said then, and what only could not be told."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.doctor.loop import Verdict
from headroom.doctor.loop.looking import HPA, POD, POD_MONITOR, RULES, SCALED_OBJECT
from headroom.doctor.loop.measure import WHAT
from headroom.plugins.kubernetes.errors import ApiError
from tests.doctor.loop.cluster import PROXY, ago, refusing
from tests.doctor.loop.conftest import Make
from tests.doctor.loop.damages import (
    DEPLOYMENT,
    NO_ENDPOINTS,
    Damage,
    change,
    empty,
    instead,
    not_ready,
    page,
    rules,
    second_autoscaler,
    targets,
    unread,
    waiting,
    without,
)
from tests.doctor.objects import api_service, prometheus

KINDS: list[dict[str, Any]] = [
    {},
    {"signal": "requests-waiting", "target": "2"},
    {"keda": True},
    {"signal": "cpu", "target": "60%"},
    {"keda": True, "sleeps": True},
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_that_holds_is_said_to_hold(cluster: Make, kind: dict[str, Any]) -> None:
    there = cluster(**kind)
    there.instead["/pods:"] = lambda _: None
    there.instead["metrics.k8s.io/v1beta1/namespaces"] = lambda _: {"items": [{"value": "1", "timestamp": ago(1)}]}
    there.instead["2/proxy/metrics"] = lambda _: "\n".join(
        f'{name}{{model="m"}} 1'
        for name in ("nv_inference_queue_duration_us", "nv_inference_request_success", "nv_inference_pending_request_count")
    )
    assert {link.name: link.verdict for link in there.loop().links if link.verdict is not Verdict.HOLDS} == {}


def test_the_links_come_in_the_order_of_the_chain(cluster: Make) -> None:
    for kind in KINDS:
        names = [link.name for link in cluster(**kind).loop().links]
        assert names == sorted(names, key=list(WHAT).index)


CONDITIONS = ("status", "conditions")
BLIND = {"type": "ScalingActive", "status": "False", "reason": "FailedGetObjectMetric", "message": "not found"}
NO_SERVICE = refusing(404, "services not found", kind="services")

BREAKS: list[tuple[str, str, Damage]] = [
    ("pods", "there is no Deployment inference/demo", without(DEPLOYMENT)),
    ("pods", "is at 0 replicas: somebody set it there", change(DEPLOYMENT, "spec", "replicas", to=0)),
    ("pods", "none of 0 pods is ready", without(POD)),
    (
        "pods",
        "container triton: ErrImagePull not there",
        change(
            POD,
            "status",
            to={"containerStatuses": [{"name": "triton", "state": {"waiting": {"reason": "ErrImagePull", "message": "not there"}}}]},
        ),
    ),
    ("engine", "answers without nv_inference_request_success", instead(":8002", lambda _: "nv_inference_queue_duration_us 1\n")),
    ("engine", "connection refused", unread(refusing(503, "error trying to reach service: connect: connection refused"))),
    ("engine", "does not answer", unread(refusing(404, "the server could not find the requested resource"))),
    ("prometheus", "there is no Service monitoring/prometheus-operated", instead(PROXY, NO_SERVICE)),
    ("prometheus", "no endpoints available", instead(PROXY, NO_ENDPOINTS)),
    ("prometheus", "something else than a Prometheus", instead(PROXY, lambda _: {"hello": "world"})),
    ("prometheus", "something else than a Prometheus", instead(PROXY, page)),
    ("prometheus", "has no /api/v1/query", instead(PROXY, refusing(404, "the server could not find the requested resource"))),
    ("monitor", "there is no PodMonitor", without(POD_MONITOR)),
    ("monitor", "names no port", change(POD_MONITOR, "spec", "podMetricsEndpoints", to=[])),
    ("monitor", "selects app=theirs, and not demo-1", change(POD_MONITOR, "spec", "selector", to={"matchLabels": {"app": "theirs"}})),
    ("monitor", "reads the port nothing", change(POD_MONITOR, "spec", "podMetricsEndpoints", 0, "port", to="nothing")),
    ("monitor", "Prometheus does not scrape for", instead("scrape_pools", empty({"scrapePools": []}))),
    ("target", "no target for pod demo-1", instead("targets", empty({"activeTargets": []}))),
    ("target", "404 Not Found", targets(health="down", lastError="server returned HTTP status 404 Not Found")),
    ("target", "carry no label server", targets(labels={"pod": "demo-1"})),
    ("target", "last read 300 s ago", targets(lastScrape=ago(300))),
    ("rule", "there is no PrometheusRule", without(RULES)),
    ("rule", "has no rule for headroom:queue_time_seconds:pod", change(RULES, "spec", "groups", 0, "rules", 0, "record", to="other")),
    ("rule", "by another expression", change(RULES, "spec", "groups", 0, "rules", 1, "expr", to="vector(1)")),
    ("rule", "has not loaded the group", instead("api/v1/rules", empty({"groups": []}))),
    ("rule", "has not loaded the rule for headroom:queue_time_seconds:server", rules(name="other")),
    ("rule", "fails: many-to-many", rules(health="err", lastError="many-to-many")),
    ("rule", "last evaluated 900 s ago", rules(lastEvaluation=ago(900))),
    ("series", "has no element", lambda there: there.instant.update({"headroom:queue_time_seconds:server": ""})),
    ("series", "has 2 elements", lambda there: there.instant.update({"headroom:queue_time_seconds:server": "1 2"})),
    ("series", "is nan", lambda there: there.instant.update({"headroom:queue_time_seconds:server": "NaN"})),
    ("series", "ended 200 s ago", lambda there: there.instant.update({"timestamp": "200"})),
    ("series", "has nothing of demo-1", lambda there: there.instant.update({"headroom:queue_time_seconds:pod": ""})),
    ("api", "custom.metrics.k8s.io is not available: timed out", instead("io/v1beta1", refusing(503, "timed out"))),
    ("api", "nobody serves custom.metrics.k8s.io", instead("io/v1beta1", refusing(404, "not found"))),
    ("metric", "prometheus-adapter does not offer queue-time", instead("/services/demo/headroom:", refusing(404, "not found"))),
    ("metric", "gives no queue-time: boom", instead("/services/demo/headroom:", refusing(500, "boom"))),
    ("autoscaler", "there is no HorizontalPodAutoscaler inference/demo", without(HPA)),
    ("autoscaler", "FailedGetObjectMetric: not found", change(HPA, *CONDITIONS, 1, to=BLIND)),
    ("autoscaler", "reads nothing of headroom:queue_time_seconds:server", change(HPA, "status", "currentMetrics", to=[])),
    ("bounds", "maxReplicas of HorizontalPodAutoscaler demo is 9, and the stack says 4", change(HPA, "spec", "maxReplicas", to=9)),
    ("bounds", "is not told of headroom:queue_time_seconds:server", change(HPA, "spec", "metrics", to=[])),
    ("bounds", "minReplicas", change(HPA, "spec", "minReplicas", to=2)),
    ("bounds", "is held at 0.9, and the stack says 0.2", change(HPA, "spec", "metrics", 0, "object", "target", "value", to="900m")),
    ("bounds", "scales Deployment theirs", change(HPA, "spec", "scaleTargetRef", "name", to="theirs")),
    ("bounds", "a second autoscaler, theirs", second_autoscaler),
    ("replicas", "asks for 3 replicas, and Deployment inference/demo says 1", change(HPA, "status", "desiredReplicas", to=3)),
    (
        "replicas",
        "exceeded quota",
        change(DEPLOYMENT, *CONDITIONS, to=[{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]),
    ),
    ("replicas", "says 1 replicas, and 0 are there", change(DEPLOYMENT, "status", "replicas", to=0)),
    ("replicas", "1 of 2 replicas do not get ready", not_ready(seconds=3600)),
    ("room", "Insufficient nvidia.com/gpu; pool l4 has 5 of at most 5 nodes", waiting()),
    ("room", "none has come in 1000 min", waiting(seconds=60_000, nodes=3)),
    ("room", "gpu-0, gpu-1 offer no GPU", waiting(seconds=60_000, nodes=2, gpus="0")),
]


@pytest.mark.parametrize(("name", "words", "damage"), BREAKS, ids=[f"{name}: {words}" for name, words, _ in BREAKS])
def test_what_is_broken_is_named_with_what_was_seen(cluster: Make, name: str, words: str, damage: Damage) -> None:
    there = cluster()
    damage(there)
    loop = there.loop()
    assert loop.broken is not None
    assert (loop.broken.name, words in loop.broken.measured) == (name, True), loop.broken
    assert loop.broken.fix
    assert {link.verdict for link in loop.links[loop.links.index(loop.broken) + 1 :]} <= {Verdict.NOT_REACHED}


COMPLAINTS: list[tuple[str, dict[str, Any]]] = [
    ("waits for a node: no room", {"conditions": [{"type": "PodScheduled", "status": "False", "message": "no room"}]}),
    ("failed: OutOfnvidia.com/gpu", {"phase": "Failed", "reason": "OutOfnvidia.com/gpu"}),
    (
        "container triton ended with 1 (Error)",
        {"containerStatuses": [{"name": "triton", "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}]},
    ),
    ("none of 1 pods is ready", {"containerStatuses": [{"name": "triton", "state": {"waiting": {"reason": "ContainerCreating"}}}]}),
]


@pytest.mark.parametrize(("words", "status"), COMPLAINTS)
def test_a_pod_that_does_not_get_ready_says_why(cluster: Make, words: str, status: dict[str, Any]) -> None:
    there = cluster()
    there.one(POD)["status"] = status
    assert words in there.link("pods").measured


PAUSED = {"autoscaling.keda.sh/paused-replicas": "3"}
BY_KEDA: list[tuple[str, str, Damage]] = [
    ("scaled-object", "there is no ScaledObject", without(SCALED_OBJECT)),
    ("scaled-object", "is paused by its annotation", change(SCALED_OBJECT, "metadata", "annotations", to=PAUSED)),
    (
        "scaled-object",
        "does not scale ScaledObject inference/demo: no such target",
        change(SCALED_OBJECT, *CONDITIONS, to=[{"type": "Ready", "status": "False", "message": "no such target"}]),
    ),
    (
        "metric",
        "falls back to a fixed count",
        change(SCALED_OBJECT, *CONDITIONS, to=[{"type": "Ready", "status": "True"}, {"type": "Fallback", "status": "True"}]),
    ),
    (
        "metric",
        "KEDA gives no queue-time: no values found",
        lambda there: (
            change(SCALED_OBJECT, *CONDITIONS, to=[{"type": "Ready", "status": "False", "reason": "TriggerError"}])(there),
            instead("s0-prometheus", refusing(500, "no values found"))(there),
        ),
    ),
    ("metric", "KEDA gives no queue-time: no values found", instead("s0-prometheus", refusing(500, "no values found"))),
    ("autoscaler", "there is no HorizontalPodAutoscaler inference/keda-hpa-demo", without(HPA)),
    ("bounds", "is held at 7", change(HPA, "spec", "metrics", 0, "external", "target", "value", to="7")),
]


@pytest.mark.parametrize(("name", "words", "damage"), BY_KEDA)
def test_what_is_broken_of_keda_is_named(cluster: Make, name: str, words: str, damage: Damage) -> None:
    there = cluster(keda=True)
    damage(there)
    broken = there.loop().broken
    assert broken is not None
    assert (broken.name, words in broken.measured) == (name, True), broken


def test_a_pod_that_starts_is_no_fault(cluster: Make) -> None:
    there = cluster()
    not_ready(seconds=10)(there)
    assert there.link("replicas").measured == "2 asked for, 2 there, 1 ready, 1 starting"


def test_a_pool_that_may_still_grow_is_no_fault(cluster: Make) -> None:
    there = cluster()
    waiting(nodes=3)(there)
    assert "one may come within 10 min" in there.link("room").measured


def test_room_that_a_leaving_pod_will_make_is_waited_for(cluster: Make) -> None:
    there = cluster()
    waiting()(there)
    there.objects[POD].append({"metadata": {"name": "demo-0", "deletionTimestamp": ago(5), "labels": {}}, "status": {}})
    assert "1 pod on the way out will make room" in there.link("room").measured


def test_a_count_on_its_way_is_looked_at_twice(cluster: Make) -> None:
    there = cluster()
    change(HPA, "status", "desiredReplicas", to=3)(there)
    there.loop()
    assert len(there.slept) == 1


def test_a_server_that_sleeps_is_not_broken(cluster: Make) -> None:
    there = cluster(keda=True, sleeps=True)
    there.instant["min_over_time"] = "0"
    there.one(DEPLOYMENT)["spec"]["replicas"] = 0
    there.objects[POD].clear()
    loop = there.loop()
    assert (loop.broken, loop.untold) == (None, ())
    assert there.link("target").verdict is Verdict.ASLEEP
    assert "headroom:asked:server is 0.05" in there.link("series").measured


def test_a_server_that_is_asked_for_and_does_not_wake_is_named(cluster: Make) -> None:
    there = cluster(keda=True, sleeps=True)
    there.one(DEPLOYMENT)["spec"]["replicas"] = 0
    there.objects[POD].clear()
    there.instant["min_over_time"] = "1"
    broken = there.loop().broken
    assert broken is not None
    assert (broken.name, "it stays at 0 replicas" in broken.measured) == ("replicas", True)


def test_a_server_that_was_never_applied_has_no_links(cluster: Make) -> None:
    there = cluster()
    without(DEPLOYMENT)(there)
    without(HPA)(there)
    assert (there.loop().there, there.loop().broken) == (False, None)


def test_a_monitor_that_prometheus_does_not_select_is_told_with_the_labels(cluster: Make) -> None:
    there = cluster()
    there.prometheuses = [prometheus("monitoring/kps", podMonitorSelector={"matchLabels": {"release": "kps"}})]
    instead("scrape_pools", empty({"scrapePools": []}))(there)
    assert "Prometheus monitoring/kps selects release=kps, which it does not have" in there.link("monitor").measured


def test_an_api_that_is_registered_and_not_available_is_told_with_its_reason(cluster: Make) -> None:
    there = cluster()
    why = "failing or missing response"
    there.apis = [api_service("v1beta1.custom.metrics.k8s.io", "monitoring/prometheus-adapter", available=False, message=why)]
    instead("io/v1beta1", refusing(503, "the server is currently unable to handle the request"))(there)
    assert there.link("api").measured == f"custom.metrics.k8s.io is not available: {why}"


def test_how_old_what_was_seen_is_comes_with_it(cluster: Make) -> None:
    there = cluster()
    there.age = 7
    assert {link.name: round(link.seconds_old or 0) for link in there.loop().links if link.seconds_old} == {
        "target": 7,
        "rule": 7,
        "series": 7,
        "metric": 7,
    }


def test_an_error_that_nothing_here_knows_is_no_verdict(cluster: Make) -> None:
    there = cluster()

    def fails(*_: Any) -> Any:
        raise ApiError(500, "", "etcd is away")

    there.instead["PodMonitor/"] = fails
    link = there.link("monitor")
    assert (link.verdict, "etcd is away" in link.measured) == (Verdict.CANNOT_TELL, True)
