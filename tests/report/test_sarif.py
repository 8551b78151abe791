"""Findings as a code host takes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from headroom.report.sarif import as_sarif, repository
from headroom.wiring import Finding, Severity
from headroom.wiring.document import ObjectRef, Place
from headroom.wiring.registry import Check

ROOT = Path("/repository")
HPA = ObjectRef("autoscaling/v2", "HorizontalPodAutoscaler", "speech", "parrot")
BROKEN = Finding(
    "hpa-metric-not-served", Severity.ERROR, Place(HPA, "/repository/k8s/hpa.yaml", 12), "nobody serves it", "serve it", "page.md"
)
NODE = ObjectRef("v1", "Node", "", "n")
DOUBTFUL = Finding("network-policy-missing", Severity.UNKNOWN, Place(NODE, "/repository/node.yaml"), "whether it is", "say it", "page.md")
CHECKS = {
    name: Check(name, f"{title}.\n\nWhy it matters.", lambda facts: iter(()), of_baseline=baseline)
    for name, title, baseline in (
        ("hpa-metric-not-served", "Nobody serves it", False),
        ("network-policy-missing", "Anybody reaches it", True),
        ("rule-not-selected", "Not selected", False),
    )
}


def run(*findings: Finding) -> dict[str, Any]:
    return as_sarif(findings, CHECKS, ROOT)["runs"][0]


def physical(finding: Finding) -> dict[str, Any]:
    return run(finding)["results"][0]["locations"][0]["physicalLocation"]


def in_file(file: str, line: int | None = 1) -> Finding:
    return replace(BROKEN, place=Place(HPA, file, line))


def test_an_error_is_at_its_line_below_the_repository() -> None:
    assert physical(BROKEN) == {
        "artifactLocation": {"uri": "k8s/hpa.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12},
    }


def test_a_name_that_is_no_uri_is_escaped() -> None:
    assert physical(in_file("/repository/my charts/50%.yaml"))["artifactLocation"]["uri"] == "my%20charts/50%25.yaml"


def test_a_file_outside_of_the_repository_is_named_whole() -> None:
    assert physical(in_file("/elsewhere/hpa.yaml"))["artifactLocation"] == {"uri": "file:///elsewhere/hpa.yaml"}


def test_a_file_without_a_line_is_shown_at_its_first() -> None:
    assert physical(in_file("/repository/hpa.yaml", line=None))["region"] == {"startLine": 1}


def test_what_could_not_be_told_is_left_open() -> None:
    result = run(DOUBTFUL)["results"][0]
    assert (result["kind"], result["level"]) == ("open", "none")


def test_results_point_at_their_rules() -> None:
    found = run(DOUBTFUL, BROKEN)
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in found["results"]] == [result["ruleId"] for result in found["results"]]


def test_only_rules_that_found_something_are_listed() -> None:
    assert [rule["id"] for rule in run(BROKEN)["tool"]["driver"]["rules"]] == ["hpa-metric-not-served"]


def test_a_rule_carries_its_page() -> None:
    rule = run(BROKEN)["tool"]["driver"]["rules"][0]
    assert rule["shortDescription"]["text"] == "Nobody serves it"
    assert "Why it matters" in rule["help"]["markdown"]


def test_a_finding_that_moved_to_another_line_is_the_same() -> None:
    assert fingerprint(in_file("/repository/hpa.yaml", 3)) == fingerprint(in_file("/repository/hpa.yaml", 90))


def test_two_things_said_of_one_object_are_two() -> None:
    assert fingerprint(BROKEN) != fingerprint(replace(BROKEN, message="it is served as a gauge"))


def fingerprint(finding: Finding) -> dict[str, str]:
    return run(finding)["results"][0]["partialFingerprints"]


def test_the_repository_is_the_nearest_directory_with_a_git_in_it(tmp_path: Path) -> None:
    below = tmp_path / "charts" / "speech"
    below.mkdir(parents=True)
    (tmp_path / ".git").write_text("gitdir: elsewhere")  # as in a worktree
    assert repository(below) == tmp_path


def test_outside_of_a_repository_paths_begin_where_one_is(tmp_path: Path) -> None:
    below = tmp_path / "charts"
    below.mkdir()
    assert repository(below) == below
