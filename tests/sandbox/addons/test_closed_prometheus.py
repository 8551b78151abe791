"""KEDA and prometheus-adapter read a Prometheus behind TLS of a private authority, a login and a tenant, on what a stack renders."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.credentials import value
from headroom.catalog.distributions import EKS
from headroom.desired import render
from headroom.desired.objects import Object
from headroom.desired.platform import add_ons, prometheus_adapter
from headroom.desired.serving import Uses
from headroom.sandbox import Sandbox
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring import chart
from headroom.sandbox.processes import prometheus_adapter as process
from headroom.settings import Stack
from headroom.tools import require
from tests.desired.monitored import stack
from tests.evidence import Proof
from tests.sandbox.addons.closed_prometheus import PATH
from tests.sandbox.addons.conftest import Place
from tests.waiting import eventually

pytestmark = [pytest.mark.tools, pytest.mark.timeout(400)]

PORTS = {"token": 19443, "basic": 19444, "authority-alone": 19446}
ADAPTER_PORT = 19445
SECRET = "open-sesame"
LOGINS: dict[str, tuple[dict[str, str], str]] = {
    "token": ({"token": "prometheus"}, f"Bearer {SECRET}"),
    "basic": ({"user": "headroom", "password": "prometheus"}, "Basic " + base64.b64encode(f"headroom:{SECRET}".encode()).decode()),
    "authority-alone": ({}, ""),
}
TENANT = "speech"
RECORD = "headroom:queue_time_seconds:server"


@pytest.fixture(scope="module")
def layout(sandbox: Sandbox) -> Layout:
    return sandbox._layout


@pytest.fixture(scope="module", params=LOGINS)
def login(request: pytest.FixtureRequest, sandbox: Sandbox, layout: Layout) -> Iterator[str]:
    """The name of the login that the Prometheus wants."""
    _, header = LOGINS[request.param]
    certificate, key = layout.certificate("localhost"), layout.key("localhost")
    arguments = (PORTS[request.param], certificate, key, header, TENANT)
    proxy = sandbox.popen([sys.executable, "-m", "tests.sandbox.addons.closed_prometheus", *map(str, arguments)])
    yield request.param
    proxy.kill()
    proxy.wait()


def closed(directory: Path, layout: Layout, login: str, place: Place) -> Stack:
    """A stack whose Prometheus is the closed one."""
    access = {**LOGINS[login][0], "ca": layout.certificate("ca").read_text(), "headers": {"X-Scope-OrgID": TENANT}}
    monitoring = {"url": f"https://localhost:{PORTS[login]}{PATH}", "access": access, "scrapeInterval": "1s", "window": "10s"}
    return stack(directory, monitoring, credentials=["prometheus"], namespace=place.name, prometheusAdapter="helm")


def filled(item: Object, uses: Uses) -> Object:
    """A Secret as Pulumi fills it."""
    return {**item, "stringData": {**item["stringData"], **{key: value(use, {"prometheus": SECRET}) for key, use in uses.items()}}}


def recording(place: Place, server: str, seconds: float) -> dict[str, Any]:
    rule = {"record": RECORD, "expr": f"vector({seconds})", "labels": {"namespace": place.name, "server": server}}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": server},
        "spec": {"groups": [{"name": f"{place.name}.{server}", "interval": "1s", "rules": [rule]}]},
    }


def ask(sandbox: Sandbox, url: str, *arguments: str | Path) -> str:
    """What curl says inside the sandbox's network."""
    command = ["curl", "--silent", "--show-error", "--max-time", "5", *arguments, url]
    return sandbox.run(command, capture_output=True, text=True, check=False).stdout


def test_who_shows_too_little_is_not_answered(sandbox: Sandbox, layout: Layout, login: str) -> None:
    url = f"https://localhost:{PORTS[login]}{PATH}/api/v1/query?query=up"
    status = ("--output", "/dev/null", "--write-out", "%{http_code}", "--cacert", layout.certificate("ca"))
    wanted = [f"X-Scope-OrgID: {TENANT}", *([f"Authorization: {header}"] if (header := LOGINS[login][1]) else [])]
    shown = {left: [word for header in wanted if header != left for word in ("--header", header)] for left in ("", *wanted)}
    assert eventually(lambda: ask(sandbox, url, *status, *shown[""]) == "200")
    assert [ask(sandbox, url, *status, *shown[left]) for left in wanted] == ["401"] * len(wanted)


@pytest.mark.proves("KEDA reads a Prometheus behind a login, a private authority and a tenant", Proof.REAL)
def test_keda_scales_by_it(tmp_path: Path, layout: Layout, login: str, place: Place) -> None:
    (server,) = [found for found in render(closed(tmp_path, layout, login, place)).servers if found.name == "by-keda"]
    secret = filled(server.objects["prometheus-secret"], server.credentials.get("prometheus-secret", {}))
    place.deploy("by-keda", "sleep 1000")
    # 200 ms are the target.
    place.apply(recording(place, "by-keda", 0.9), secret, server.objects["prometheus-authentication"], server.objects["autoscaler"])
    assert eventually(lambda: (place.replicas("by-keda") or 0) > 1)


@pytest.mark.proves("prometheus-adapter reads a Prometheus behind a login, a private authority and a tenant", Proof.REAL)
def test_the_adapter_serves_what_it_reads(sandbox: Sandbox, tmp_path: Path, layout: Layout, login: str, place: Place) -> None:
    ours = closed(tmp_path, layout, login, place)
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "by-hpa"}, "spec": {"ports": [{"port": 80}]}}
    place.apply(recording(place, "by-hpa", 0.9), service)
    url = f"https://localhost:{ADAPTER_PORT}/apis/custom.metrics.k8s.io/v1beta1/namespaces/{place.name}/services/by-hpa/{RECORD}"
    admin = ("--cert", layout.certificate("admin"), "--key", layout.key("admin"), "--cacert", layout.certificate("extensions-ca"))
    adapter = sandbox.popen(command(ours, layout, tmp_path))

    def served() -> list[str]:
        answer = json.loads(ask(sandbox, url, *admin) or "{}")
        return [item["value"] for item in answer.get("items", [])]

    try:
        assert eventually(lambda: served() == ["900m"])
    finally:
        adapter.kill()
        adapter.wait()


def command(ours: Stack, layout: Layout, directory: Path) -> list[str]:
    """The adapter's, with the Secret that its values mount as files of `directory`."""
    values = prometheus_adapter.values(ours.platform, EKS)
    addon = add_ons(ours)["prometheusAdapter"]
    for key, text in filled(addon.objects["access"], addon.credentials.get("access", {}))["stringData"].items():
        (directory / key).write_text(text)
    (mount,) = values["extraVolumeMounts"]
    configuration = directory / "adapter.yaml"
    configuration.write_text(yaml.safe_dump(chart.adapter_config(values)))
    arguments = [
        argument.replace(mount["mountPath"], str(directory)) for argument in chart.adapter_arguments(values, chart.prometheus_url(values))
    ]
    described = process.describe(layout, require("prometheus-adapter")["prometheus-adapter"], arguments)
    instead = {"--config": str(configuration), "--secure-port": str(ADAPTER_PORT)}
    return [f"{flag}={instead[flag]}" if (flag := argument.partition("=")[0]) in instead else argument for argument in described.argv]
