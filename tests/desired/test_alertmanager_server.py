"""A real Alertmanager reads the configuration that receivers of a stack file become, and says who is told of what."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from headroom.desired.platform.addon import overlaid
from headroom.tools import require
from tests.desired.test_platform_alertmanager import RECEIVERS, alertmanager
from tests.evidence import Proof
from tests.free_ports import free_ports

pytestmark = pytest.mark.tools

LOGIN = {"user": "alerts", "password": "smtp"}
CHART: dict[str, Any] = {
    "global": {"resolve_timeout": "5m"},
    # Nobody is told before these tests are over.
    "route": {"group_wait": "1h", "group_interval": "1h", "repeat_interval": "12h"},
}
"""What stands beside it in the chart (its values.yaml, alertmanager.config)."""
ALERT = "HeadroomSignalMissing"
SECONDS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """With receivers of every way to tell somebody."""
    directory = tmp_path_factory.mktemp("alertmanager")
    mail = {"email": {**RECEIVERS["mail"]["email"], **LOGIN}}
    rendered = alertmanager({**RECEIVERS, "mail-with-login": mail})["config"]
    (directory / "alertmanager.yaml").write_text(yaml.safe_dump(overlaid(CHART, rendered)))
    address = f"127.0.0.1:{free_ports()[0]}"
    program = require("alertmanager")["alertmanager"]
    places = (f"--config.file={directory / 'alertmanager.yaml'}", f"--storage.path={directory / 'data'}", f"--web.listen-address={address}")
    log = directory / "log"
    with log.open("w") as output, httpx.Client(base_url=f"http://{address}", trust_env=False) as client:
        process = subprocess.Popen([program, *places, "--cluster.listen-address="], stdout=output, stderr=output)
        try:
            assert serves(client, process), log.read_text()
            yield client
        finally:
            process.kill()
            process.wait()


def serves(client: httpx.Client, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if client.get("/-/ready").is_success:
                return True
        except httpx.TransportError:
            time.sleep(0.05)
    return False


def test_the_configuration_is_accepted(server: httpx.Client) -> None:
    names = {receiver["name"] for receiver in server.get("/api/v2/receivers").json()}
    assert names == {"null", "mail-with-login", *RECEIVERS}


@pytest.mark.proves("alerts are routed to the receivers of a stack file by severity", Proof.REAL)
@pytest.mark.parametrize(
    ("severity", "told"),
    [
        ("critical", {"on-call", "chat", "mail", "mail-with-login"}),
        ("warning", {"chat", "desk", "mail", "mail-with-login"}),
        ("none", {"null"}),
    ],
)
def test_an_alert_goes_to_all_who_want_its_severity(server: httpx.Client, severity: str, told: set[str]) -> None:
    server.post("/api/v2/alerts", json=[{"labels": {"alertname": ALERT, "severity": severity}}]).raise_for_status()
    (alert,) = server.get("/api/v2/alerts", params={"filter": f"severity={severity}"}).json()
    assert {receiver["name"] for receiver in alert["receivers"]} == told
