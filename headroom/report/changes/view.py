"""A report as it is read, whatever it is written in: counts, what is lost, servers, pools, findings, cost, property by property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from headroom.report.changes.cost import Cost, cost
from headroom.report.changes.details import changed, reasons, title, with_changes
from headroom.report.changes.former_pools import former_prices
from headroom.report.changes.model import Level, Op, Report, StackChanges, Step, Violation
from headroom.report.changes.pools import PoolChange, pool_changes
from headroom.report.changes.servers import ServerChange, server_changes
from headroom.report.changes.values import Difference
from headroom.wiring.finding import Finding, Severity

DRIFT = "drift"
_PRICED = ("preview", "destroy")
"""Operations before which the pools that there are cost what their node groups say."""
COUNTED = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.IMPORT, Op.SAME)


@dataclass(frozen=True)
class Loss:
    """A resource that holds something and goes, or is made anew."""

    title: str
    op: Op
    because: tuple[str, ...]
    """Paths that replace it."""
    protected: bool
    """The engine refuses to delete it: the run will fail."""


@dataclass(frozen=True)
class Detail:
    """One changed resource, property by property."""

    title: str
    op: Op
    urn: str
    type: str
    name: str
    """In the program."""
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class StackView:
    """One stack, ready to be written."""

    stack: str
    counts: Mapping[Op, int]
    losses: tuple[Loss, ...]
    servers: tuple[ServerChange, ...]
    pools: tuple[PoolChange, ...]
    releases: tuple[Detail, ...]
    """Add-ons that change, by their Helm releases."""
    details: tuple[Detail, ...]
    findings: tuple[Finding, ...]
    """Errors first, then warnings."""
    unknown: tuple[Finding, ...]
    violations: tuple[Violation, ...]
    cost: Cost
    problem: str | None
    incomplete: str | None

    @property
    def changes(self) -> bool:
        return bool(self.details) or bool(self.pools)

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to say about it."""
        return not (self.changes or self.findings or self.violations or self.problem or self.incomplete)

    @property
    def calm(self) -> bool:
        """Whether it stays as it is, and nothing stops it from that."""
        return not (self.changes or self.refused or self.problem or self.incomplete)

    @property
    def refused(self) -> int:
        """Errors of the verifier and violations that are mandatory: what stops it."""
        errors = sum(finding.severity is Severity.ERROR for finding in self.findings)
        return errors + sum(violation.level is Level.MANDATORY for violation in self.violations)

    @property
    def warned(self) -> int:
        return len(self.findings) + len(self.violations) - self.refused


def view(report: Report) -> tuple[StackView, ...]:
    """Every stack, those that change first, each part in the order in which it was given."""
    seen = [_stack(changes, report.operation) for changes in report.stacks]
    return tuple(sorted(seen, key=lambda stack: (not stack.problem, not stack.changes)))


def _stack(changes: StackChanges, operation: str) -> StackView:
    steps = [step for step in changes.steps if step.type != "pulumi:pulumi:Stack"]
    moved = with_changes(steps)
    counts = Counter(step.op for step in steps if not step.type.startswith("pulumi:providers:"))
    weighty = [finding for finding in changes.findings if finding.severity is not Severity.UNKNOWN]
    before = changes.prices_before
    if before is None and steps and operation in _PRICED:
        before = former_prices(steps, changes.prices)
    return StackView(
        stack=changes.stack,
        counts={op: counts[op] for op in COUNTED},
        losses=tuple(_loss(step) for step in moved if step.loses and step.stateful),
        servers=tuple(map(_as_found, server_changes(steps))) if operation == DRIFT else server_changes(steps),
        pools=pool_changes(steps, before, changes.prices),
        releases=tuple(_detail(step) for step in moved if step.type == "kubernetes:helm.sh/v3:Release"),
        details=tuple(_detail(step) for step in moved),
        findings=tuple(sorted(weighty, key=lambda finding: finding.severity is not Severity.ERROR)),
        unknown=tuple(finding for finding in changes.findings if finding.severity is Severity.UNKNOWN),
        violations=tuple(sorted(_further(changes), key=lambda violation: violation.level is not Level.MANDATORY)),
        cost=cost(changes.prices, before, changes.nodes_now),
        problem=changes.problem,
        incomplete=changes.incomplete,
    )


def _further(changes: StackChanges) -> list[Violation]:
    """Violations without those that the policy pack and the verifier, whose checks are the same, both found."""
    known = {(finding.check, finding.message) for finding in changes.findings}
    return [entry for entry in changes.violations if (entry.policy, entry.message.partition("\n")[0]) not in known]


def _as_found(change: ServerChange) -> ServerChange:
    """Of drift: nothing follows from what has happened already."""
    return replace(change, effects=(), outage=False)


def _loss(step: Step) -> Loss:
    return Loss(title(step), step.op, reasons(step), step.protected)


def _detail(step: Step) -> Detail:
    return Detail(title(step), step.op, step.urn, step.type, step.name, changed(step))
