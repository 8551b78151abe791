"""Findings of the verifier, for a terminal and a program."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from headroom.report.findings import as_json, on_terminal, summary
from headroom.wiring import Finding, Severity
from headroom.wiring.document import ObjectRef, Place

HPA = ObjectRef("autoscaling/v2", "HorizontalPodAutoscaler", "speech", "parrot")
BROKEN = Finding(
    "hpa-metric-not-served",
    Severity.ERROR,
    Place(HPA, "hpa.yaml", 12),
    "nobody serves a|b",
    "serve it",
    "docs/checks/hpa-metric-not-served.md",
)
DOUBTFUL = Finding(
    "rule-not-selected",
    Severity.UNKNOWN,
    Place(ObjectRef("v1", "Node", "", "n")),
    "whether it is",
    "say it",
    "docs/checks/rule-not-selected.md",
)


def terminal(findings: list[Finding]) -> str:
    console = Console(width=120, file=StringIO())
    console.print(on_terminal(findings))
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def test_json_has_the_stable_form() -> None:
    assert as_json([BROKEN]) == {
        "version": 1,
        "findings": [
            {
                "check": "hpa-metric-not-served",
                "severity": "error",
                "object": {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "namespace": "speech", "name": "parrot"},
                "location": {"file": "hpa.yaml", "line": 12},
                "message": "nobody serves a|b",
                "fix": "serve it",
                "docs": "docs/checks/hpa-metric-not-served.md",
            }
        ],
    }


def test_json_says_null_where_there_is_no_namespace_and_no_file() -> None:
    entry = as_json([DOUBTFUL])["findings"][0]
    assert (entry["object"]["namespace"], entry["location"]) == (None, {"file": None, "line": None})


def test_the_summary_counts_by_severity() -> None:
    assert summary([BROKEN, DOUBTFUL, DOUBTFUL]) == "1 error, 2 not known"
    assert summary([]) == "nothing found"


def test_a_terminal_shows_place_message_and_fix_of_an_error() -> None:
    text = terminal([BROKEN])
    for part in ("error", "hpa-metric-not-served", "hpa.yaml:12", "speech/parrot", "nobody serves a|b", "→ serve it"):
        assert part in text


def test_a_terminal_sets_apart_what_could_not_be_told() -> None:
    text = terminal([BROKEN, DOUBTFUL])
    assert text.index("nobody serves") < text.index("cannot tell") < text.index("whether it is")


def test_a_terminal_says_so_when_nothing_is_found() -> None:
    assert terminal([]).strip() == "wiring: nothing found"
