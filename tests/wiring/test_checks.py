"""Every check finds its fault in `failure*.yaml`, is silent on `success*.yaml`, and says so where it cannot tell (`unknown*.yaml`)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from headroom.wiring import Finding, Severity, load, verify
from headroom.wiring.pages import pages
from headroom.wiring.registry import all_checks

MANIFESTS = Path(__file__).parent / "checks"
PAGES = Path(__file__).parents[2] / "docs" / "checks"


def manifests(kind: str) -> list[Path]:
    return sorted(MANIFESTS.glob(f"*/{kind}*.yaml"))


def of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def of_baseline(path: Path) -> bool:
    return all_checks()[path.parent.name].of_baseline


def named(findings: Iterable[Finding], *severities: Severity) -> set[str]:
    return {finding.check for finding in findings if finding.severity in severities}


@pytest.mark.parametrize("path", manifests("failure"), ids=of)
def test_a_fault_is_found_and_nothing_else(path: Path) -> None:
    findings = verify(load([path]), security=of_baseline(path))
    assert named(findings, Severity.ERROR, Severity.WARNING) == {path.parent.name}


@pytest.mark.parametrize("path", manifests("success"), ids=of)
def test_what_is_right_is_not_complained_about(path: Path) -> None:
    findings = verify(load([path]), security=of_baseline(path))
    assert named(findings, Severity.ERROR, Severity.WARNING) == set()
    assert path.parent.name not in named(findings, Severity.UNKNOWN)


@pytest.mark.parametrize("path", manifests("unknown"), ids=of)
def test_what_cannot_be_told_is_unknown(path: Path) -> None:
    findings = verify(load([path]), security=of_baseline(path))
    assert named(findings, Severity.ERROR, Severity.WARNING) == set()
    assert path.parent.name in named(findings, Severity.UNKNOWN)


@pytest.mark.parametrize("check", all_checks())
def test_a_check_has_manifests_that_it_speaks_of_and_that_pass(check: str) -> None:
    kinds = {path.stem.partition("-")[0] for path in (MANIFESTS / check).iterdir()}
    assert "success" in kinds
    assert kinds & {"failure", "unknown"}
    assert kinds <= {"failure", "success", "unknown"}


def test_manifests_belong_to_a_check() -> None:
    assert {path.name for path in MANIFESTS.iterdir()} == set(all_checks())


@pytest.mark.parametrize("check", all_checks().values(), ids=lambda check: check.name)
def test_a_check_says_what_it_finds_why_it_matters_and_how_to_mend_it(check) -> None:
    assert check.title
    assert "## Why it matters" in check.page
    assert "## How to mend it" in check.page


def test_the_pages_are_those_of_the_checks() -> None:
    written = {path.name: path.read_text() for path in PAGES.iterdir()}
    assert written == pages(), "write them anew: python -m headroom.wiring.pages docs/checks"


@pytest.mark.parametrize("path", manifests("failure"), ids=of)
def test_a_finding_names_its_place_and_its_remedy(path: Path) -> None:
    for finding in verify(load([path]), security=of_baseline(path)):
        assert finding.message
        assert finding.fix
        assert finding.place.file == str(path)
        assert finding.place.line
        assert finding.place.object.name or finding.place.object.kind == "Values"
