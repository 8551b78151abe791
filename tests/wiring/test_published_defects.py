"""Every published defect of the field and of the five published systems: the check that finds it, or who sees it on a live cluster.

`recipe` is written anew in the published shape (recipes/defective, or a manifest of the check's own); `live` names what `headroom doctor`
or an alert sees, because no manifest shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.wiring import Severity, load, verify
from headroom.wiring.registry import all_checks

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Defect:
    what: str
    check: str
    manifest: str
    """Below tests/wiring: where the defect is reproduced."""


RIVA, RATIO, CACHE = (f"recipes/defective/{name}.yaml" for name in ("delta-mean-over-models", "ratio-per-model", "cache-usage-chart"))

DEFECTS = [
    # Triton on premises, and the Riva recipe that comes from it
    Defect("delta() of a counter", "counter-differenced", RIVA),
    Defect("a window of two scrapes", "rate-window-short", RIVA),
    Defect("ratios of models averaged without weights", "ratios-averaged", RIVA),
    Defect("1 + n as denominator", "denominator-distorted", RIVA),
    Defect("the namespace default written into the query", "hpa-metric-not-served", RIVA),
    Defect("target ports that no container names", "service-port-missing", RIVA),
    Defect("replicas declared beside an HPA", "replicas-declared", RIVA),
    Defect("no startup probe, liveness kills the load", "liveness-kills-startup", RIVA),
    Defect("autoscaling/v2beta2", "api-removed", "checks/api-removed/failure-hpa.yaml"),
    Defect("an IngressRoute of the removed API group", "api-removed", "checks/api-removed/failure-route.yaml"),
    Defect("an entrypoint that Traefik does not have", "route-entrypoint-missing", "checks/route-entrypoint-missing/failure.yaml"),
    Defect("HTTP/1.1 to a gRPC port", "route-scheme-not-h2c", "checks/route-scheme-not-h2c/failure.yaml"),
    Defect("streams cut after 60 seconds", "stream-read-limited", "checks/stream-read-limited/failure.yaml"),
    Defect("a Service that leads nowhere", "service-selects-nothing", "checks/service-selects-nothing/failure.yaml"),
    Defect("a Prometheus of another namespace", "trigger-address-unusable", "checks/trigger-address-unusable/failure-other-namespace.yaml"),
    # NIM
    Defect(
        "/metrics where the engine has /v1/metrics",
        "monitor-misses-engine-metrics",
        "checks/monitor-misses-engine-metrics/failure-path.yaml",
    ),
    Defect("two Services, every pod scraped twice", "pod-scraped-twice", CACHE),
    Defect("type Value with averageValue", "hpa-target-type-unfit", "checks/hpa-target-type-unfit/failure-field.yaml"),
    Defect("a target in percent on a ratio of 0 to 1", "target-never-exceeded", "checks/target-never-exceeded/failure.yaml"),
    # Triton with TensorRT-LLM
    Defect("clamp_min at one request per second", "denominator-distorted", RATIO),
    Defect("one ratio per model, added up by the adapter", "ratios-summed", RATIO),
    Defect("no interval on the monitor, a window of two scrapes", "rate-window-short", RATIO),
    Defect("release: prometheus as a constant", "monitor-not-selected", "checks/monitor-not-selected/failure-label.yaml"),
    Defect(
        "rules without the label that Prometheus selects by", "rule-not-selected", "checks/rule-not-selected/failure-chart-default.yaml"
    ),
    Defect("rate() of a gauge", "gauge-rated", "checks/gauge-rated/failure.yaml"),
    Defect("operands whose labels never match", "sides-never-match", "checks/sides-never-match/failure.yaml"),
    Defect("GPU request and limit apart", "gpu-request-unequal", "checks/gpu-request-unequal/failure-different.yaml"),
    Defect("a preStop of which only the first word runs", "pre-stop-runs-one-word", "checks/pre-stop-runs-one-word/failure.yaml"),
    Defect("killed before it has drained", "grace-too-short", "checks/grace-too-short/failure-engine.yaml"),
    # TorchServe
    Defect("a raw counter held at a target", "counter-not-rated", "checks/counter-not-rated/failure-adapter.yaml"),
    Defect("the management port on a LoadBalancer", "management-port-public", "checks/management-port-public/failure.yaml"),
    Defect(
        "KEDA divides a latency by the replicas", "trigger-metric-type-unfit", "checks/trigger-metric-type-unfit/failure-ratio-divided.yaml"
    ),
    Defect("KEDA gets one element per pod", "trigger-query-not-single", "checks/trigger-query-not-single/failure.yaml"),
    Defect("missing data is 0", "missing-data-is-zero", "checks/missing-data-is-zero/failure-default.yaml"),
    Defect("a fallback below what runs", "fallback-takes-replicas", "checks/fallback-takes-replicas/failure-static.yaml"),
    Defect("asleep as soon as nobody can see", "cool-down-short", "checks/cool-down-short/failure-default-minimum.yaml"),
    Defect("zero replicas that only their own pods could wake", "sleeps-for-ever", "checks/sleeps-for-ever/failure.yaml"),
    Defect("an engine that nobody mends", "engine-unmaintained", "checks/engine-unmaintained/failure.yaml"),
    Defect("an image called latest", "image-not-fixed", "checks/image-not-fixed/failure-latest-gpu.yaml"),
    # The field at large
    Defect("no honorLabels on an exporter's monitor", "exporter-labels-overwritten", "checks/exporter-labels-overwritten/failure.yaml"),
    Defect("a series under a name that nothing has", "hpa-metric-not-recorded", "checks/hpa-metric-not-recorded/failure-renamed.yaml"),
    Defect("a metric of another version", "engine-metric-missing", "checks/engine-metric-missing/failure-suffix.yaml"),
    Defect("adapter and KEDA on one API", "metrics-api-owned-twice", "checks/metrics-api-owned-twice/failure-rules.yaml"),
    Defect(
        "labels of an exporter that are not the pod's",
        "hpa-metric-lacks-labels",
        "checks/hpa-metric-lacks-labels/failure-label-not-scraped.yaml",
    ),
    Defect("a maximum beyond the GPUs", "maximum-exceeds-pool", "checks/maximum-exceeds-pool/failure.yaml"),
    Defect("a target that does not exist", "autoscaler-target-missing", "checks/autoscaler-target-missing/failure-name.yaml"),
]

LIVE = {
    "lower averages after a restart of Prometheus": "the alert of a blind autoscaler, and the outage scenarios of tests/outages",
    "a node is Ready before its GPU is allocatable": "headroom doctor: nodes and what they offer",
    "another manager owns spec.replicas on the server": "headroom doctor: who owns the field; the conflict of the apply",
    "a scrape target is down, or answers with something else": "headroom doctor: the scrape",
    "the metrics API answers for another component": "headroom doctor: the APIService",
    "a weight that does not fit the model": "the alert of an autoscaler at its maximum",
}
"""Rows that only a live cluster can show, and who shows them."""


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.check}: {defect.what}")
def test_a_published_defect_is_found(defect: Defect) -> None:
    findings = verify(load([HERE / defect.manifest]), security=all_checks()[defect.check].of_baseline)
    assert defect.check in {finding.check for finding in findings if finding.severity is not Severity.UNKNOWN}
