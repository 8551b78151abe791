"""Alertmanager's own amtool reads the configuration that receivers of a stack file become, and says who is told of what."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.desired.platform.addon import overlaid
from headroom.tools import require
from tests.desired.test_platform_alertmanager import RECEIVERS, alertmanager
from tests.evidence import Proof

pytestmark = pytest.mark.tools

LOGIN = {"user": "alerts", "password": "smtp"}
CHART: dict[str, Any] = {
    "global": {"resolve_timeout": "5m"},
    "route": {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "12h"},
}
"""What the chart says already and Helm keeps (its values.yaml, alertmanager.config)."""


def amtool(configuration: Path, *arguments: str) -> str:
    command = [require("amtool")["amtool"], *arguments]
    return subprocess.run([*command, str(configuration)], capture_output=True, text=True, check=True, timeout=30).stdout


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """Of every way to tell somebody."""
    mail = {"email": {**RECEIVERS["mail"]["email"], **LOGIN}}
    path = tmp_path / "alertmanager.yaml"
    path.write_text(yaml.safe_dump(overlaid(CHART, alertmanager({**RECEIVERS, "mail-with-login": mail})["config"])))
    return path


def test_the_configuration_is_accepted(configuration: Path) -> None:
    assert "6 receivers" in amtool(configuration, "check-config")


@pytest.mark.proves("alerts are routed to the receivers of a stack file by severity", Proof.REAL)
@pytest.mark.parametrize(
    ("severity", "told"),
    [
        ("critical", "on-call,chat,mail,mail-with-login"),
        ("warning", "chat,desk,mail,mail-with-login"),
        ("none", "null"),
    ],
)
def test_an_alert_goes_to_all_who_want_its_severity(configuration: Path, severity: str, told: str) -> None:
    routed = [f"--verify.receivers={told}", f"severity={severity}", "alertname=HeadroomSignalMissing", "--config.file"]
    assert told in amtool(configuration, "config", "routes", "test", *routed)
