"""What the program makes is never refused by its own verifier, whatever a stack file asks for. The repository's own: tests/wiring."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.desired import render
from headroom.report.stack_findings import stack_findings
from headroom.settings import load
from headroom.wiring import Severity

FILES = sorted((Path(__file__).parent / "stacks").glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem.removeprefix("Pulumi."))
def test_a_stack_has_no_error(path: Path) -> None:
    settings = load(path)
    found = stack_findings(settings, render(settings), security=True)
    assert [finding for finding in found if finding.severity is Severity.ERROR] == []
