"""What cannot be told is not called broken, and keeps no other link from being measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from headroom.doctor.loop import Verdict
from headroom.doctor.loop.looking import HPA, POD
from headroom.plugins.kubernetes.errors import Unreachable
from tests.doctor.loop.cluster import PROXY, ago, forbidden, refusing
from tests.doctor.loop.conftest import Make
from tests.doctor.loop.damages import NO_ENDPOINTS, SERVICE, Damage, change, empty, no_conditions, page, rules, waiting
from tests.doctor.objects import api_service
from tests.evidence import Proof

FORBIDDEN = [
    ("Deployment/", {"pods", "replicas"}, "you may not get Deployments in namespace inference"),
    ("Pod/", {"pods", "engine", "monitor", "target", "series", "replicas", "room"}, "you may not list Pods"),
    (PROXY, {"prometheus", "monitor", "target", "rule", "series"}, "get services/proxy"),
    ("PodMonitor/", {"monitor"}, "you may not get PodMonitors"),
    ("PrometheusRule/", {"rule"}, "you may not get PrometheusRules"),
    ("/services/demo/headroom:", {"metric"}, "get metrics of custom.metrics.k8s.io"),
    ("HorizontalPodAutoscaler/", {"autoscaler", "bounds", "replicas"}, "list HorizontalPodAutoscalers"),
]


@pytest.mark.proves("the doctor calls nothing broken that it may not look at", Proof.SCHEMA)
@pytest.mark.parametrize(("part", "untold", "words"), FORBIDDEN, ids=[part for part, _, _ in FORBIDDEN])
def test_without_a_right_its_links_cannot_be_told_and_the_others_are_measured(
    cluster: Make, part: str, untold: set[str], words: str
) -> None:
    there = cluster()
    there.instead[part] = forbidden
    loop = there.loop()
    assert {link.name for link in loop.links if link.verdict is not Verdict.HOLDS} == untold
    assert words in loop.untold[0].measured
    assert "headroom doctor test --rights" in loop.untold[0].fix
    assert loop.broken is None


def gone(*_: Any) -> Any:
    raise Unreachable("timed out")


REJECTED = refusing(503, "error trying to reach service: dial tcp 10.0.0.1:8002: connect: connection refused")
CLOSED = refusing(503, "error trying to reach service: dial tcp 10.0.0.1:9090: i/o timeout")


def test_a_control_plane_that_cannot_reach_prometheus_says_nothing_of_it(cluster: Make) -> None:
    """As on a private cluster whose firewall lets the control plane reach a few ports alone."""
    there = cluster()
    there.instead[PROXY] = CLOSED
    assert there.link("prometheus").verdict is Verdict.CANNOT_TELL
    assert there.link("metric").verdict is Verdict.HOLDS


@pytest.mark.parametrize("refused", [CLOSED, REJECTED, forbidden, gone])
def test_a_pod_that_the_api_server_may_not_ask_is_known_by_what_prometheus_read(cluster: Make, refused: Callable[..., Any]) -> None:
    """A server's own NetworkPolicy lets Prometheus read its metrics, and nobody else."""
    there = cluster()
    there.instead[":8002"] = refused
    link = there.link("engine")
    assert (link.verdict, link.seconds_old) == (Verdict.HOLDS, 1)
    assert "Prometheus has nv_inference_queue_duration_us, nv_inference_request_success of 1 pod" in link.measured


@pytest.mark.parametrize(("refused", "words"), [(CLOSED, "cannot reach pod demo-1"), (forbidden, "get pods/proxy"), (gone, "timed out")])
def test_a_pod_that_neither_can_ask_is_not_called_broken(cluster: Make, refused: Callable[..., Any], words: str) -> None:
    there = cluster()
    there.instead[":8002"] = refused
    there.instant["__name__"] = ""
    link = there.link("engine")
    assert (link.verdict, words in link.measured) == (Verdict.CANNOT_TELL, True)


def test_a_prometheus_outside_of_the_cluster_is_not_asked(cluster: Make) -> None:
    there = cluster(url="https://thanos.example.com")
    link = there.link("prometheus")
    assert (link.verdict, "outside of the cluster" in link.measured) == (Verdict.CANNOT_TELL, True)
    assert there.link("metric").verdict is Verdict.HOLDS


def test_a_service_of_no_pods_is_not_called_dead(cluster: Make) -> None:
    """The API server's proxy leads to pods alone; who asks by the Service's name may well get an answer."""
    there = cluster()
    there.instead[PROXY] = NO_ENDPOINTS
    there.objects[SERVICE] = [{"metadata": {"name": "prometheus-operated"}, "spec": {}}]
    assert there.link("prometheus").verdict is Verdict.CANNOT_TELL


def test_an_api_of_another_version_is_asked_by_it(cluster: Make) -> None:
    there = cluster()
    there.apis = [api_service("v1beta2.custom.metrics.k8s.io", "monitoring/theirs")]
    there.instead["v1beta1"] = refusing(404, "not found")
    assert there.link("metric").verdict is Verdict.HOLDS


def test_a_node_that_has_its_gpus_not_yet_is_waited_for(cluster: Make) -> None:
    there = cluster()
    waiting(nodes=5, gpus="0")(there)
    assert there.link("room").verdict is Verdict.HOLDS


def test_an_answer_of_another_form_hides_no_other_link(cluster: Make) -> None:
    there = cluster()
    there.instead["scrape_pools"] = empty({})
    there.instead["api/v1/targets"] = empty({"activeTargets": [{"scrapePool": "podMonitor/inference/demo/0"}]})
    assert [there.link(name).verdict for name in ("monitor", "target", "metric")] == [
        Verdict.CANNOT_TELL,
        Verdict.CANNOT_TELL,
        Verdict.HOLDS,
    ]


def test_a_page_instead_of_an_answer_hides_no_other_link(cluster: Make) -> None:
    there = cluster()
    there.instead["/services/demo/headroom:"] = page
    assert [there.link(name).verdict for name in ("metric", "autoscaler")] == [Verdict.CANNOT_TELL, Verdict.HOLDS]


def test_what_speaks_only_prometheus_queries_is_asked_by_them(cluster: Make) -> None:
    """Thanos and Mimir know nothing of targets and scrape pools."""
    there = cluster()
    for part in ("scrape_pools", "targets", "api/v1/rules"):
        there.instead[part] = refusing(404, "the server could not find the requested resource")
    assert [link.verdict for link in (there.link("monitor"), there.link("target"))] == [Verdict.HOLDS] * 2
    assert there.link("rule").verdict is Verdict.CANNOT_TELL
    there.instant["up{"] = "0"
    assert there.link("target").verdict is Verdict.BROKEN


def test_a_pod_that_has_just_become_ready_is_not_judged(cluster: Make) -> None:
    there = cluster()
    there.one(POD)["status"]["conditions"][0]["lastTransitionTime"] = ago(1)
    link = there.link("target")
    assert (link.verdict, link.fix) == (Verdict.CANNOT_TELL, "look again in 34 s")
    assert there.loop().broken is None


def test_an_autoscaler_that_nobody_has_looked_at_yet_is_not_broken(cluster: Make) -> None:
    there = cluster()
    no_conditions(there)
    assert there.link("autoscaler").verdict is Verdict.CANNOT_TELL


TOO_EARLY: list[tuple[str, Damage, str]] = [
    ("rule", rules(health="unknown", lastEvaluation="0001-01-01T00:00:00Z"), "was not evaluated yet"),
    ("autoscaler", change(HPA, "status", "conditions", to=[{"type": "AbleToScale", "status": "True"}]), "has read no metric"),
    ("replicas", change(HPA, "status", "desiredReplicas", to=None), "has decided nothing yet"),
]


@pytest.mark.parametrize(("name", "damage", "words"), TOO_EARLY)
def test_what_nobody_has_looked_at_yet_is_not_broken(cluster: Make, name: str, damage: Damage, words: str) -> None:
    there = cluster()
    damage(there)
    link = there.link(name)
    assert (link.verdict, words in link.measured) == (Verdict.CANNOT_TELL, True)


def test_a_prometheus_that_wants_a_credential_cannot_be_asked(cluster: Make) -> None:
    """The API server's proxy passes none on."""
    there = cluster()
    there.instead[PROXY] = refusing(401, "Unauthorized")
    assert there.link("prometheus").verdict is Verdict.CANNOT_TELL


def test_pods_that_wait_where_nodes_may_not_be_listed_are_told(cluster: Make) -> None:
    there = cluster()
    waiting()(there)
    there.instead["Node/"] = forbidden
    assert there.link("room").measured == "pods wait for a node, and you may not list the nodes of their pool"
