"""What the exit status of `preview`, `up`, `drift` and `destroy` says: the one table, which their help and docs/driver.md show."""

from __future__ import annotations

from enum import IntEnum

from headroom import refusal
from headroom.report.changes import Level, Op, Report, StackChanges
from headroom.wiring.finding import Severity


class Exit(IntEnum):
    FINE = 0
    ERROR = 1
    USAGE = refusal.USAGE
    FINDINGS = 3
    CHANGES = 4
    LOSSES = 5


MEANINGS = {
    Exit.FINE: "done; with --exit-code: and nothing changes",
    Exit.ERROR: "a stack file is wrong, Pulumi failed, or a resource did",
    Exit.USAGE: "the command line is wrong: no checkout, no such stack, no saved plan, options that do not go together",
    Exit.FINDINGS: "the verifier found an error, or the policy pack a mandatory violation; up: nothing was changed",
    Exit.CHANGES: "with --exit-code: something changes; drift: something is not as it was left",
    Exit.LOSSES: "with --exit-code: something stateful is replaced or deleted; drift: something stateful is gone",
}
"""An error counts before a finding, a finding before a loss, a loss before a change; of several stacks the one that counts most."""


def judge(report: Report, *, detailed: bool) -> Exit:
    """The exit status of a run; `detailed`: it tells changes and losses too."""
    stacks = report.stacks
    if any(stack.problem for stack in stacks):
        return Exit.ERROR
    if any(_is_found(stack) for stack in stacks):
        return Exit.FINDINGS
    if detailed and any(step.loses and step.stateful for stack in stacks for step in stack.steps):
        return Exit.LOSSES
    if detailed and any(step.op not in (Op.SAME, Op.READ) for stack in stacks for step in stack.steps):
        return Exit.CHANGES
    return Exit.FINE


def _is_found(stack: StackChanges) -> bool:
    errors = any(finding.severity is Severity.ERROR for finding in stack.findings)
    return errors or any(violation.level is Level.MANDATORY for violation in stack.violations)


def table() -> str:
    """For the end of a command's help."""
    return "Exit status:\n\n" + "\n\n".join(f"{status.value}  {MEANINGS[status]}" for status in Exit)
