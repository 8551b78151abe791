"""What a restart of Prometheus leaves behind, and what wakes a server, as Prometheus evaluates it.

Scraped every 15 s. promtool's own series go on after their last value for five minutes, as those of a Prometheus do that was killed and
came back: a gap in `up` is the time in which nobody scraped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.desired import render
from tests.desired.promtool import Given, evaluate
from tests.desired.stacks import demo
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves("samples from before Prometheus went are not taken for the present", Proof.REAL),
]

WAITING = "headroom:requests_waiting"
DEMAND = "headroom:demand:server"
ASKED = "headroom:asked:server"
ARRIVED = "arrived_total"
WAKE = {"query": f"rate({ARRIVED}[1m])", "after": "10m"}


def pod(metric: str, values: str, name: str = "a") -> Given:
    labels = {"namespace": "inference", "server": "demo", "pod": name, **({} if metric == "up" else {"model": "sleeper"})}
    return Given(metric, values, tuple(labels.items()))


def waiting(values: str, name: str = "a") -> Given:
    return pod("nv_inference_pending_request_count", values, name)


@dataclass(frozen=True)
class Case:
    name: str
    because: str
    given: tuple[Given, ...]
    expected: dict[str, dict[str, float]]
    at: str


GAP = "1x20 _x8"
"""Scraped until 5m, killed, back with the scrape at 7m15s."""

CASES = [
    Case(
        "while nobody scrapes nothing is recorded",
        "at 7m the samples of 5m are still within Prometheus' look-back: a plain selector would give them",
        (pod("up", f"{GAP} 1x20"), waiting("8x20 _x8 8x20")),
        {f"{WAITING}:pod": {}, f"{WAITING}:server": {}},
        at="7m",
    ),
    Case(
        "the first scrapes after a restart are not yet believed",
        "at 7m30s two scrapes are there: of other pods perhaps none",
        (pod("up", f"{GAP} 1x20"), waiting("8x20 _x8 8x20")),
        {f"{WAITING}:pod": {}, f"{WAITING}:server": {}},
        at="7m30s",
    ),
    Case(
        "the third scrape is",
        "at 7m45s every pod was scraped at least twice",
        (pod("up", f"{GAP} 1x20"), waiting("8x20 _x8 8x20")),
        {f"{WAITING}:pod": {"a": 8}, f"{WAITING}:server": {"": 8}},
        at="7m45s",
    ),
    Case(
        "a pod that went while nobody scraped does not count afterwards",
        "pod b's last sample of 5m is still within the look-back at 8m",
        (pod("up", f"{GAP} 1x20"), pod("up", "1x20", "b"), waiting("8x20 _x8 8x20"), waiting("9x20", "b")),
        {f"{WAITING}:pod": {"a": 8}, f"{WAITING}:server": {"": 8}},
        at="8m",
    ),
    Case(
        "a pod that was added while nobody scraped counts",
        "pod b begins at 7m15s",
        (pod("up", f"{GAP} 1x20"), pod("up", "_x29 1x20", "b"), waiting("8x20 _x8 8x20"), waiting("_x29 4x20", "b")),
        {f"{WAITING}:pod": {"a": 8, "b": 4}, f"{WAITING}:server": {"": 12}},
        at="8m",
    ),
    Case(
        "a short restart hides nothing",
        "killed at 5m and back at 5m45s: two of the last five scrapes are from before",
        (pod("up", "1x20 _x2 1x20"), waiting("8x20 _x2 8x20")),
        {f"{WAITING}:server": {"": 8}},
        at="5m45s",
    ),
    Case(
        "a pod whose scrapes all fail after a restart does not count with what it said before",
        "whoever came back does not know that the series ended: the sample of 5m is within the look-back until 10m",
        (pod("up", "1x20 _x8 0x20"), waiting("8x20"), pod("up", f"{GAP} 1x20", "b"), waiting("4x20 _x8 4x20", "b")),
        {f"{WAITING}:pod": {"b": 4}, f"{WAITING}:server": {"": 4}},
        at="8m30s",
    ),
    Case(
        "nor does a server all of whose scrapes fail",
        "its autoscaler holds",
        (pod("up", "1x20 _x8 0x20"), waiting("8x20")),
        {f"{WAITING}:pod": {}, f"{WAITING}:server": {}},
        at="8m30s",
    ),
    Case(
        "a scrape that failed counts as a look",
        "`up` is 0 then and the pod's own series end",
        (pod("up", "1x19 0 1x20"), waiting("8x19 stale 8x20"), pod("up", "1x40", "b"), waiting("4x40", "b")),
        {f"{WAITING}:server": {"": 4}},
        at="5m",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_a_restart_of_prometheus(tmp_path: Path, case: Case) -> None:
    rules = demo(tmp_path, autoscaling__signals={"requests-waiting": 2})["rules"]
    assert evaluate(rules, case.given, case.at, case.expected, tmp_path) == ""


def test_pods_that_do_not_answer_are_left_out_of_a_sum_and_not_missed_in_a_ratio(tmp_path: Path) -> None:
    """docs/blindness.md says what that does to the replicas. Four pods with the same load, of which two answer no more from 5m on."""
    answers, fails = ("a", "b"), ("c", "d")
    busy = {"nv_inference_request_success": "0+15", "nv_inference_queue_duration_us": "0+4500000"}
    given = [pod("up", "1x40", name) for name in answers] + [pod("up", "1x19 0x20", name) for name in fails]
    given += [waiting("4x40", name) for name in answers] + [waiting("4x19 stale", name) for name in fails]
    given += [pod(metric, f"{values}x40", name) for metric, values in busy.items() for name in answers]
    given += [pod(metric, f"{values}x19 stale", name) for metric, values in busy.items() for name in fails]
    rules = demo(tmp_path, autoscaling__signals={"requests-waiting": 4, "queue-time": "200ms"})["rules"]
    for at, waits in (("4m45s", 16), ("6m30s", 8)):
        expected = {f"{WAITING}:server": {"": waits}, "headroom:queue_time_seconds:server": {"": 0.3}}
        assert evaluate(rules, tuple(given), at, expected, tmp_path) == ""


def arrived(values: str) -> Given:
    return Given(ARRIVED, values, (("entrypoint", "http"),))


WAKES = [
    Case(
        "a request wakes at the next look",
        "nobody asked until 10m; 3 requests by 10m15s",
        (arrived("0x40 3+0x40"),),
        {DEMAND: {"": 1}, ASKED: {"": 1}},
        at="10m15s",
    ),
    Case(
        "a server is awake as long as it waits for the next request",
        "the last request came at 10m15s; four minutes and a minute of the rate's window later it still counts",
        (arrived("0x40 3+0x60"),),
        {DEMAND: {"": 0}, ASKED: {"": 1}},
        at="15m",
    ),
    Case(
        "a server that nobody asked for may sleep",
        "five minutes after the rate fell to 0",
        (arrived("0x40 3+0x60"),),
        {DEMAND: {"": 0}, ASKED: {"": 0}},
        at="16m30s",
    ),
    Case(
        "a silence that was not watched long enough is none",
        "after two minutes of looking nobody can say that there was no request in five",
        (arrived("0x40"),),
        {DEMAND: {"": 0}, ASKED: {}},
        at="2m",
    ),
    Case(
        "a gap in the looking is no silence",
        "the counter was not scraped from 10m to 13m: half of the last five minutes is unknown",
        (arrived("0x40 _x12 0x40"),),
        {ASKED: {}},
        at="14m30s",
    ),
    Case(
        "a query without a result says neither yes nor no",
        "nothing ever counted requests",
        (),
        {DEMAND: {}, ASKED: {}},
        at="10m",
    ),
]


@pytest.mark.parametrize("case", WAKES, ids=lambda case: case.name.replace(" ", "-"))
def test_what_wakes_a_server_and_lets_it_sleep(tmp_path: Path, case: Case) -> None:
    rules = demo(tmp_path, autoscaling__backend="keda", autoscaling__replicas={"min": 0, "max": 4}, autoscaling__wake=WAKE)["rules"]
    assert evaluate(rules, case.given, case.at, case.expected, tmp_path) == ""


ROUTER = "inference-demo-http-0123456789abcdef0123@kubernetescrd"
ROUTED = (
    ("headroom:platform/traefik", "existing"),
    (f"{DEMO}/route", {}),
    (f"{DEMO}/autoscaling/backend", "keda"),
    (f"{DEMO}/autoscaling/replicas", {"min": 0, "max": 4}),
    (f"{DEMO}/autoscaling/wake", {"after": "10m"}),
)


def of_traefik(metric: str, values: str, pod: str, **labels: str) -> Given:
    target = {"job": "traefik", "instance": f"{pod}:9100", "pod": pod}
    return Given(metric, values, tuple({**target, **labels}.items()))


def traefik(values: str = "1x80", pod: str = "traefik-a") -> Given:
    return of_traefik("traefik_config_last_reload_success", values, pod)


def started(values: str, pod: str = "traefik-a") -> Given:
    return of_traefik("process_start_time_seconds", values, pod)


def routed(values: str, router: str = ROUTER, pod: str = "traefik-a") -> Given:
    return of_traefik("traefik_router_requests_total", values, pod, router=router, code="503")


ROUTES = [
    Case(
        "the first request of all wakes",
        "Traefik counts a router from its first request on: the series appears at 10m with 1 and has no rate",
        (traefik(), routed("_x39 1x40")),
        {DEMAND: {"": 1}},
        at="10m",
    ),
    Case(
        "every further request wakes",
        "the second comes at 12m",
        (traefik(), routed("_x31 1x16 2x40")),
        {DEMAND: {"": 1}},
        at="12m15s",
    ),
    Case(
        "a route without requests is not asked for",
        "Traefik is there and counts nothing",
        (traefik(),),
        {DEMAND: {"": 0}, ASKED: {"": 0}},
        at="10m",
    ),
    Case(
        "a counter that stands still is not asked for",
        "the last request is ten minutes ago",
        (traefik(), routed("1x80")),
        {DEMAND: {"": 0}, ASKED: {"": 0}},
        at="10m",
    ),
    Case(
        "without a Traefik nobody can tell",
        "nothing is recorded, and the replicas stay",
        (),
        {DEMAND: {}, ASKED: {}},
        at="10m",
    ),
    Case(
        "requests for another server are not for this one",
        "its router begins with another server's name",
        (traefik(), routed("0+5x80", "inference-demo-two-http-0123456789abcdef0123@kubernetescrd")),
        {DEMAND: {"": 0}},
        at="10m",
    ),
    Case(
        "a counter that a failed scrape hid is not new",
        "the scrape at 10m failed: all that Traefik shows was away for one interval, which is a window ago now",
        (traefik("1x39 stale 1x40"), routed("7x39 stale 7x40")),
        {DEMAND: {"": 0}, ASKED: {"": 0}},
        at="11m",
    ),
    Case(
        "nor is one that scrapes failed to show for longer than Prometheus looks back",
        "from 5m to 15m; at 15m45s three looks found Traefik again, and a window ago it was still away",
        (traefik("1x19 stale _x39 1x40"), routed("7x19 stale _x39 7x40"), started("0x19 stale _x39 0x40")),
        {DEMAND: {"": 0}},
        at="15m45s",
    ),
    *(
        Case(
            f"nor is one that an outage of Prometheus hid, {after} after it",
            "Prometheus saw nothing from 10m to 20m and does not know whether the counter is",
            (traefik("1x40 _x39 1x40"), routed("7x40 _x39 7x40"), started("0x40 _x39 0x40")),
            {DEMAND: {"": 0}},
            at=at,
        )
        for after, at in (("a scrape", "20m15s"), ("three scrapes", "20m45s"), ("a window", "21m"))
    ),
    Case(
        "nor is what one of several Traefiks counted before it was seen",
        "the other was there all the time, and what it says is of itself",
        (traefik(), traefik("_x40 1x40", "traefik-b"), routed("_x40 7x40", pod="traefik-b"), started("_x40 0x40", "traefik-b")),
        {DEMAND: {"": 0}},
        at="10m45s",
    ),
    Case(
        "a request that came while a scrape failed wakes",
        "the first of all, at 10m: the series appears at 10m15s",
        (traefik("1x39 stale 1x40"), routed("_x41 1x40")),
        {DEMAND: {"": 1}},
        at="10m15s",
    ),
    Case(
        "a Traefik that began anew in its place counts from the first request on",
        "its counter of 7 ended at 5m, and there is one of 1 from 10m on",
        (traefik(), routed("7x19 stale _x19 1x40"), started("0x19 300x60")),
        {DEMAND: {"": 1}},
        at="10m",
    ),
    Case(
        "a request that came before the first scrape of a new Traefik wakes",
        "it began at 9m50s and was never seen without its counter",
        (traefik(), traefik("_x40 1x40", "traefik-b"), routed("_x40 1x40", pod="traefik-b"), started("_x40 590x40", "traefik-b")),
        {DEMAND: {"": 1}},
        at="10m",
    ),
    Case(
        "the start of another process says nothing of a Traefik",
        "traefik-b was not seen before 10m and is old",
        (traefik("_x40 1x40", "traefik-b"), routed("_x40 7x40", pod="traefik-b"), started("_x40 590x40", "something-else")),
        {DEMAND: {"": 0}},
        at="10m",
    ),
]


@pytest.mark.parametrize("case", ROUTES, ids=lambda case: case.name.replace(" ", "-"))
def test_requests_for_a_route_wake_its_server(tmp_path: Path, case: Case) -> None:
    (server,) = render(accepted(tmp_path, changed(*ROUTED))).servers
    rules = server.objects["rules"]
    assert evaluate(rules, case.given, case.at, case.expected, tmp_path) == ""
