"""An eighth engine is one file of data: a stack asks for it, and it is judged, rendered, verified and recorded like the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom.catalog.engines import ENGINES
from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.report.stack_findings import stack_findings
from headroom.settings import Stack
from headroom.wiring import Severity
from headroom.wiring.engines import known_metric
from tests.desired.abacus import ABACUS
from tests.desired.promtool import Given, evaluate
from tests.desired.stacks import container
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed, problems

SERVER = {
    "engine": "abacus",
    "image": "registry.example/abacus:2.1",
    "pool": "l4",
    "model": "soroban",
    "options": {"rods": 27},
    "cache": {"claim": "beads"},
    "autoscaling": {"backend": "hpa", "replicas": {"max": 4}, "signals": {"queue-time": "2s", "requests-waiting": 3}},
}
CREDENTIALS = ("headroom:credentials", {"guild": {"secure": "v1:a:b"}})


@pytest.fixture(autouse=True)
def eighth(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The row that `headroom/catalog/engines/__init__.py` would have."""
    monkeypatch.setitem(ENGINES, "abacus", ABACUS)
    known_metric.cache_clear()
    yield
    known_metric.cache_clear()


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return accepted(tmp_path, changed((DEMO, SERVER), CREDENTIALS))


@pytest.fixture
def desired(stack: Stack) -> Desired:
    return render(stack)


def objects(desired: Desired) -> dict[str, Object]:
    (server,) = desired.servers
    return dict(server.objects)


def test_its_container_is_what_its_file_says(desired: Desired) -> None:
    made = container(objects(desired)["workload"])
    assert made["command"] == ["abacus", "serve"]
    assert made["args"] == ["--listen=0.0.0.0:9000", "--frame=soroban", "--rods=27", "--finish-within=20"]
    assert made["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}
    assert {"name": "ABACUS_BEADS", "value": "/var/beads"} in made["env"]
    license_key = {"name": "demo-guild", "key": "ABACUS_LICENSE"}
    assert {"name": "ABACUS_LICENSE", "valueFrom": {"secretKeyRef": license_key}} in made["env"]


def test_its_metrics_are_scraped_where_its_version_has_them(desired: Desired) -> None:
    (endpoint,) = objects(desired)["monitor"]["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("http", "/v2/metrics")


@pytest.mark.proves("an eighth engine is one file of data", Proof.SCHEMA)
def test_it_is_wired(stack: Stack, desired: Desired) -> None:
    assert [finding for finding in stack_findings(stack, desired) if finding.severity is not Severity.UNKNOWN] == []


def test_a_stack_that_gets_it_wrong_is_told_so(tmp_path: Path) -> None:
    wrong = {**SERVER, "options": {"rods": 28}, "models": "models"}
    assert problems(tmp_path, changed((DEMO, wrong))).keys() == {"servers.demo.options.rods", "servers.demo.models", "credentials.guild"}


def test_a_signal_that_its_version_does_not_offer_is_refused(tmp_path: Path) -> None:
    old = {**SERVER, "image": "registry.example/abacus:1.4"}
    assert "servers.demo.autoscaling.signals.queue-time" in problems(tmp_path, changed((DEMO, old), CREDENTIALS))


def given(metric: str, values: str) -> Given:
    own = {"namespace": "inference", "server": "demo", "pod": "a", "container": "abacus", "frame": "soroban"}
    return Given(metric, values, tuple(own.items()))


@pytest.mark.tools
@pytest.mark.proves("an eighth engine is one file of data", Proof.REAL)
def test_its_signals_are_recorded(desired: Desired, tmp_path: Path) -> None:
    """30 sums in 15 s that waited 60 s between them, 5 in line."""
    seen = (given("abacus_waited_seconds_total", "0+60x40"), given("abacus_sums_total", "0+30x40"), given("abacus_sums_waiting", "5x40"))
    expected = {"headroom:queue_time_seconds:server": {"": 2.0}, "headroom:requests_waiting:server": {"": 5.0}}
    assert evaluate(objects(desired)["rules"], seen, "5m", expected, tmp_path) == ""
