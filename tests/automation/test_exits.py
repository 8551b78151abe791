"""The exit status of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.automation.exits import MEANINGS, Exit, judge, table
from headroom.report.changes import Level, Op, Report, StackChanges, Step, Violation
from headroom.wiring.document import ObjectRef, Place
from headroom.wiring.finding import Finding, Severity


def step(op: Op, token: str = "kubernetes:apps/v1:Deployment") -> Step:
    return Step(op, "urn", token, "name")


def finding(severity: Severity) -> Finding:
    return Finding("check", severity, Place(ObjectRef("v1", "Pod", "", "a")), "message", "fix", "docs")


SAME = StackChanges("same", (step(Op.SAME), step(Op.READ)))
CHANGED = StackChanges("changed", (step(Op.UPDATE),))
REPLACED = StackChanges("replaced", (step(Op.REPLACE),))
LOST = StackChanges("lost", (step(Op.DELETE, "kubernetes:core/v1:PersistentVolumeClaim"),))
MADE_ANEW = StackChanges("made-anew", (step(Op.REPLACE, "aws:eks/cluster:Cluster"),))
FOUND = StackChanges("found", findings=(finding(Severity.ERROR),))
WARNED = StackChanges("warned", findings=(finding(Severity.WARNING), finding(Severity.UNKNOWN)))
REFUSED = StackChanges("refused", violations=(Violation("p", Level.MANDATORY, "m"),))
ADVISED = StackChanges("advised", violations=(Violation("p", Level.ADVISORY, "m"),))
BROKEN = StackChanges("broken", problem="it broke")


@pytest.mark.parametrize(
    ("stacks", "detailed", "in_short"),
    [
        ((SAME,), Exit.FINE, Exit.FINE),
        ((SAME, CHANGED), Exit.CHANGES, Exit.FINE),
        ((REPLACED,), Exit.CHANGES, Exit.FINE),
        ((CHANGED, LOST), Exit.LOSSES, Exit.FINE),
        ((MADE_ANEW,), Exit.LOSSES, Exit.FINE),
        ((WARNED, ADVISED), Exit.FINE, Exit.FINE),
        ((LOST, FOUND), Exit.FINDINGS, Exit.FINDINGS),
        ((REFUSED,), Exit.FINDINGS, Exit.FINDINGS),
        ((FOUND, BROKEN, LOST), Exit.ERROR, Exit.ERROR),
    ],
    ids=lambda value: "+".join(stack.stack for stack in value) if isinstance(value, tuple) else None,
)
def test_the_status_is_that_of_what_counts_most(stacks: tuple[StackChanges, ...], detailed: Exit, in_short: Exit) -> None:
    report = Report("preview", stacks)
    assert (judge(report, detailed=True), judge(report, detailed=False)) == (detailed, in_short)


def test_every_status_has_a_meaning_and_a_number_of_its_own() -> None:
    assert [status.value for status in MEANINGS] == [0, 1, 2, 3, 4, 5]


def test_the_page_and_the_help_have_the_same_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "driver.md").read_text()
    assert [status for status, meaning in MEANINGS.items() if f"| {status.value} | {meaning} |" not in page] == []
    assert [status for status, meaning in MEANINGS.items() if f"{status.value}  {meaning}" not in table()] == []
