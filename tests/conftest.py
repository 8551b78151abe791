"""What every test has: a marker that says what it proves."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests import evidence

_seen: dict[str, tuple[str, str, bool]] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "proves(feature, proof): what passing this test proves, see tests/evidence.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    marker = item.get_closest_marker("proves")
    if marker and (report.when == "call" or report.failed):
        feature, proof = marker.args
        report.user_properties.append(("proves", (feature, proof.value)))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    said: Any = dict(report.user_properties).get("proves")
    if said:
        _seen[report.nodeid] = (said[0], said[1], report.passed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _seen and not hasattr(session.config, "workerinput"):
        evidence.note(_seen)
