"""Routes over TLS, and those that ask who comes, are wired like the others."""

from __future__ import annotations

from headroom.desired import render
from headroom.report.stack_findings import stack_findings
from headroom.settings import load
from headroom.wiring import Severity
from tests.desired.stacks import STACKS


def test_routes_over_tls_and_with_users_are_wired() -> None:
    settings = load(STACKS["admission"])
    assert [finding for finding in stack_findings(settings, render(settings)) if finding.severity is not Severity.UNKNOWN] == []
