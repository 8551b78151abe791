"""The alerts on the loop as Prometheus evaluates them: when each must fire, and when it must stay silent.

A server `demo` with a window of 60 s and a start-up budget of 300 s, scraped every 15 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.catalog.names import AlertName
from headroom.desired.objects import Object
from tests.desired.promtool import Given, alarm
from tests.desired.stacks import demo, written
from tests.evidence import Proof

pytestmark = [
    pytest.mark.tools,
    pytest.mark.proves("alerts on the loop fire when it is blind, stuck or at its limit, and stay silent otherwise", Proof.REAL),
]

WAITING, QUEUE_TIME = "headroom:requests_waiting", "headroom:queue_time_seconds"
POD_A, POD_B = "demo-5c9f8d7b64-abcde", "demo-5c9f8d7b64-fghij"


def group(directory: Path, signal: str = "queue-time", backend: str = "hpa") -> Object:
    """The alerts of a server that is held at 2 of a signal."""
    rules = demo(directory, autoscaling__signals={signal: written(signal, 2)}, autoscaling__backend=backend)["rules"]
    return next(group for group in rules["spec"]["groups"] if group["name"].endswith(".alerts"))


def given(metric: str, values: str, **labels: str) -> Given:
    return Given(metric, values, tuple({"namespace": "inference", **labels}.items()))


def hpa(metric: str, values: str, name: str = "demo", **labels: str) -> Given:
    return given(f"kube_horizontalpodautoscaler_{metric}", values, horizontalpodautoscaler=name, **labels)


def condition(kind: str, false: str) -> Given:
    return hpa("status_condition", false, condition=kind, status="false")


def pod(metric: str, values: str, name: str = POD_A, **labels: str) -> Given:
    return given(f"kube_pod_{metric}", values, pod=name, **labels)


def ready(values: str, name: str = POD_A) -> Given:
    return pod("status_ready", values, name, condition="true")


def scheduled(values: str, name: str = POD_A) -> Given:
    return pod("status_scheduled", values, name, condition="true")


def signal(name: str, level: str, values: str, **labels: str) -> Given:
    return given(f"{name}:{level}", values, server="demo", **labels)


ALWAYS = "1x200"
"""Fifty minutes."""

SEEN = (hpa("spec_max_replicas", "4x200"),)
"""Without it HeadroomLoopUnobserved fires too, which is a case of its own."""


def at_maximum(values: str) -> tuple[Given, ...]:
    return (
        hpa("status_desired_replicas", values),
        hpa("status_current_replicas", values),
        *(ready(ALWAYS, f"demo-5c9f8d7b64-aaaa{n}") for n in range(4)),
    )


@dataclass(frozen=True)
class Case:
    name: str
    because: str
    given: tuple[Given, ...]
    fires: dict[str, set[AlertName]]
    """Everything that fires, by the time of looking."""
    held_at: str = "queue-time"
    backend: str = "hpa"


MISSING, UNMEASURED, UNOBSERVED = AlertName.SIGNAL_MISSING, AlertName.REPLICAS_UNMEASURED, AlertName.LOOP_UNOBSERVED
INACTIVE, ERRORS, LIMIT = AlertName.AUTOSCALER_INACTIVE, AlertName.SCALER_ERRORS, AlertName.AUTOSCALER_AT_LIMIT
BEHIND, SLOW = AlertName.REPLICAS_BEHIND, AlertName.WARM_UP_SLOW

CASES = [
    Case(
        "all is well",
        "two replicas are ready and measured, the signal is below its target, the HPA is active and asks for what there is",
        (
            *SEEN,
            *(ready(ALWAYS), ready(ALWAYS, POD_B), scheduled(ALWAYS), scheduled(ALWAYS, POD_B)),
            *(signal(QUEUE_TIME, "server", "0.5x200"), signal(QUEUE_TIME, "target", "2x200")),
            *(signal(QUEUE_TIME, "pod", "0.5x200", pod=POD_A), signal(QUEUE_TIME, "pod", "0.5x200", pod=POD_B)),
            *(hpa("status_desired_replicas", "2x200"), hpa("status_current_replicas", "2x200")),
            *(condition("ScalingActive", "0x200"), condition("AbleToScale", "0x200")),
        ),
        {"10m": set(), "45m": set()},
    ),
    Case(
        "a signal that is gone while replicas run",
        "it was there until 5m; four windows are 4 minutes; at 15m it is back",
        (*SEEN, ready(ALWAYS), signal(QUEUE_TIME, "server", "1x20 stale _x38 1x100"), signal(QUEUE_TIME, "target", "2x200")),
        {"5m": set(), "8m30s": set(), "9m30s": {MISSING}, "14m45s": {MISSING}, "15m30s": set()},
    ),
    Case(
        "a signal that is gone with its replicas",
        "nothing runs: there is nothing to measure",
        (*SEEN, ready("1x20 0x100"), signal(QUEUE_TIME, "server", "1x20 _x100")),
        {"5m": set(), "20m": set()},
    ),
    Case(
        "a signal that comes with the first samples of a new replica",
        "ready at 2m, two scrapes later there is a rate",
        (*SEEN, ready("0x8 1x100"), signal(QUEUE_TIME, "server", "_x10 1x100"), signal(QUEUE_TIME, "pod", "_x10 1x100", pod=POD_A)),
        {"2m30s": set(), "10m": set()},
    ),
    Case(
        "one replica of two is not measured",
        "since the second is ready, at 5m; four windows later somebody hears of it",
        (
            *SEEN,
            ready(ALWAYS),
            ready("_x20 1x100", POD_B),
            signal(QUEUE_TIME, "server", "1x200"),
            signal(QUEUE_TIME, "pod", "1x200", pod=POD_A),
        ),
        {"8m30s": set(), "9m30s": {UNMEASURED}},
    ),
    Case(
        "pods of a server with a longer name do not count",
        "demo-two has replicas of its own",
        (
            *SEEN,
            ready(ALWAYS),
            ready(ALWAYS, "demo-two-5c9f8d7b64-abcde"),
            signal(QUEUE_TIME, "server", "1x200"),
            signal(QUEUE_TIME, "pod", "1x200", pod=POD_A),
        ),
        {"20m": set()},
    ),
    Case(
        "nothing is known of the autoscaler",
        "kube-state-metrics was lost at 10m: after five minutes it is said, and after its return no more",
        (hpa("spec_max_replicas", "4x40 stale _x59 4x100"),),
        {"9m": set(), "14m": set(), "15m30s": {UNOBSERVED}, "25m30s": set()},
    ),
    Case(
        "the HPA that KEDA makes is the server's",
        "it is named keda-hpa-demo",
        (hpa("spec_max_replicas", "4x200", name="keda-hpa-demo"),),
        {"20m": set()},
        backend="keda",
    ),
    Case(
        "another server's HPA is not this one's",
        "it is named demo-two",
        (hpa("spec_max_replicas", "4x200", name="demo-two"),),
        {"20m": {UNOBSERVED}},
    ),
    Case(
        "an HPA that cannot read its metrics",
        "ScalingActive is False from 5m on, with two replicas",
        (*SEEN, hpa("status_current_replicas", "2x200"), condition("ScalingActive", "0x20 1x100")),
        {"5m": set(), "9m": set(), "9m30s": {INACTIVE}},
    ),
    Case(
        "an HPA that cannot scale",
        "AbleToScale is False",
        (*SEEN, hpa("status_current_replicas", "2x200"), condition("AbleToScale", "1x100"), condition("ScalingActive", "0x100")),
        {"3m30s": set(), "5m": {INACTIVE}},
    ),
    Case(
        "a server at its maximum whose CPU is above its target",
        "its autoscaler reads 90 % where 60 % is wanted, from 5m on",
        (
            *SEEN,
            *at_maximum("4x200"),
            hpa("spec_target_metric", "60x200", metric_name="cpu", metric_target_type="utilization"),
            hpa("status_target_metric", "30x20 90x100", metric_name="cpu", metric_target_type="utilization"),
            hpa("status_target_metric", "1x200", metric_name="cpu", metric_target_type="average"),
        ),
        {"5m": set(), "14m": set(), "16m": {LIMIT}},
        held_at="cpu",
    ),
    Case(
        "an HPA at zero replicas is inactive by design",
        "its ScalingActive is False with reason ScalingDisabled",
        (*SEEN, hpa("status_current_replicas", "0x200"), condition("ScalingActive", "1x200")),
        {"20m": set()},
    ),
    Case(
        "one failed look at the metrics is no alarm",
        "ScalingActive is False for a minute",
        (*SEEN, hpa("status_current_replicas", "2x200"), condition("ScalingActive", "0x20 1x4 0x100")),
        {"6m": set(), "10m": set()},
    ),
    Case(
        "KEDA has errors",
        "one more with every question, from 5m on; they end at 15m and are forgotten five minutes later",
        (
            *SEEN,
            Given("keda_scaled_object_errors_total", "0x20 1+1x40 41x100", (("exported_namespace", "inference"), ("scaledObject", "demo"))),
        ),
        {"5m": set(), "9m30s": set(), "11m": {ERRORS}, "21m": set()},
        backend="keda",
    ),
    Case(
        "a single error of KEDA is no alarm",
        "it leaves the range after five minutes, which is as long as the alert waits",
        (*SEEN, Given("keda_scaled_object_errors_total", "0x20 1x100", (("exported_namespace", "inference"), ("scaledObject", "demo")))),
        {"7m": set(), "10m15s": set(), "12m": set()},
        backend="keda",
    ),
    Case(
        "a server under backend hpa has nothing to do with KEDA",
        "errors of a ScaledObject of the same name",
        (*SEEN, Given("keda_scaled_object_errors_total", "0+1x200", (("exported_namespace", "inference"), ("scaledObject", "demo")))),
        {"20m": set()},
    ),
    Case(
        "at the maximum with the signal above its target",
        "four of four replicas from 5m on, 3 s where 2 s are the target; after ten minutes",
        (*SEEN, *at_maximum("2x20 4x180"), signal(QUEUE_TIME, "server", "3x200"), signal(QUEUE_TIME, "target", "2x200")),
        {"14m": set(), "15m30s": {LIMIT}},
    ),
    Case(
        "at the maximum with the signal below its target",
        "four replicas are enough",
        (*SEEN, *at_maximum("4x200"), signal(QUEUE_TIME, "server", "1x200"), signal(QUEUE_TIME, "target", "2x200")),
        {"30m": set()},
    ),
    Case(
        "above the target with replicas to come",
        "three of four",
        (*SEEN, *at_maximum("3x200"), signal(QUEUE_TIME, "server", "3x200"), signal(QUEUE_TIME, "target", "2x200")),
        {"30m": set()},
    ),
    Case(
        "a sum is compared with the target per replica",
        "four replicas with one request each are 4 in sum and below a target of 2",
        (
            *SEEN,
            *at_maximum("4x200"),
            signal(WAITING, "server", "4x200"),
            signal(WAITING, "target", "2x200"),
            *(signal(WAITING, "pod", "1x200", pod=f"demo-5c9f8d7b64-aaaa{n}") for n in range(4)),
        ),
        {"30m": set()},
        held_at="requests-waiting",
    ),
    Case(
        "a sum above the target per replica at the maximum",
        "four replicas with three requests each",
        (
            *SEEN,
            *at_maximum("4x200"),
            signal(WAITING, "server", "12x200"),
            signal(WAITING, "target", "2x200"),
            *(signal(WAITING, "pod", "3x200", pod=f"demo-5c9f8d7b64-aaaa{n}") for n in range(4)),
        ),
        {"30m": {LIMIT}},
        held_at="requests-waiting",
    ),
    Case(
        "replicas that wait for a node",
        "three are wanted from 1m on and one is ready; a node and a start may take fifteen minutes",
        (
            *SEEN,
            hpa("status_desired_replicas", "1x4 3x200"),
            ready(ALWAYS),
            signal(QUEUE_TIME, "server", "1x200"),
            signal(QUEUE_TIME, "pod", "1x200", pod=POD_A),
        ),
        {"15m": set(), "16m30s": {BEHIND}},
    ),
    Case(
        "a server without any pod",
        "one replica is wanted and not even made: a quota, or a webhook that refuses it",
        (*SEEN, hpa("status_desired_replicas", "1x200")),
        {"14m": set(), "16m": {BEHIND}},
    ),
    Case(
        "a replica that comes within its time",
        "wanted at 1m, ready at 14m",
        (
            *SEEN,
            hpa("status_desired_replicas", "1x4 2x200"),
            ready(ALWAYS),
            ready("0x56 1x100", POD_B),
            signal(QUEUE_TIME, "server", "1x200"),
            *(signal(QUEUE_TIME, "pod", "1x200", pod=name) for name in (POD_A, POD_B)),
        ),
        {"13m": set(), "30m": set()},
    ),
    Case(
        "a replica whose start takes longer than it may",
        "it has a node and is not ready for five minutes",
        (*SEEN, ready("0x100"), scheduled("1x100")),
        {"4m45s": set(), "5m30s": {SLOW}},
    ),
    Case(
        "a replica that waits for a node does not start slowly",
        "it is not scheduled",
        (*SEEN, ready("0x100"), scheduled("0x100")),
        {"20m": set()},
    ),
    Case(
        "each replica has its own clock",
        "one starts after the other, each in four minutes: for eight minutes there is always one that is not ready",
        (
            *SEEN,
            ready("0x16 1x100"),
            scheduled("1x100"),
            ready("_x16 0x16 1x100", POD_B),
            scheduled("_x16 1x100", POD_B),
            signal(QUEUE_TIME, "server", "1x100"),
            *(signal(QUEUE_TIME, "pod", "1x100", pod=name) for name in (POD_A, POD_B)),
        ),
        {"5m30s": set(), "7m45s": set()},
    ),
    Case(
        "a replica that drains is not one that starts",
        "it is deleted and no longer ready, and its last stream takes ten minutes",
        (*SEEN, ready("1x8 0x100"), scheduled("1x100"), pod("deletion_timestamp", "_x8 1x100")),
        {"10m": set()},
    ),
    Case(
        "two kube-state-metrics are one",
        "a second one reports the same",
        (
            *SEEN,
            hpa("spec_max_replicas", "4x200", instance="other"),
            hpa("status_desired_replicas", "1x200"),
            hpa("status_desired_replicas", "1x200", instance="other"),
            ready(ALWAYS),
            signal(QUEUE_TIME, "server", "1x200"),
            signal(QUEUE_TIME, "pod", "1x200", pod=POD_A),
        ),
        {"30m": set()},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_exactly_these_alerts_fire(case: Case, tmp_path: Path) -> None:
    assert alarm([group(tmp_path, case.held_at, case.backend)], case.given, case.fires, tmp_path) == "", case.because


def test_an_alert_that_should_fire_and_does_not_is_seen(tmp_path: Path) -> None:
    assert SLOW in alarm([group(tmp_path)], (*SEEN,), {"10m": {SLOW}}, tmp_path)


def test_an_alert_says_which_server_and_signal_it_is_about(tmp_path: Path) -> None:
    (rule, *_) = group(tmp_path)["rules"]
    assert rule["labels"] == {"namespace": "inference", "server": "demo", "signal": "queue-time", "severity": "critical"}


def test_every_alert_has_a_case_in_which_it_fires(tmp_path: Path) -> None:
    fired = set().union(*(names for case in CASES for names in case.fires.values()))
    assert fired == {rule["alert"] for rule in group(tmp_path, backend="keda")["rules"]}
