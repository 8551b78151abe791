"""What every test has: a marker that says what it proves, and company where the suite runs in several processes."""

from __future__ import annotations

import gc
from collections.abc import Generator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import company, evidence

_seen: dict[str, evidence.Seen] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "proves(feature, proof, needs=''): what passing this test proves, see tests/evidence.py")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting makes stays until the end: looking through it for garbage, again and again, finds none."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: company.turn(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return company.Scheduling(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    marker = item.get_closest_marker("proves")
    if marker and (report.when == "call" or report.failed):
        feature, proof = marker.args
        report.user_properties.append(("proves", (feature, proof.value, marker.kwargs.get("needs", ""))))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    said: Any = dict(report.user_properties).get("proves")
    if said:
        feature, proof, needs = said
        _seen[report.nodeid] = evidence.Seen(feature, proof, report.passed, needs)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _seen and not hasattr(session.config, "workerinput"):
        evidence.note(_seen)
