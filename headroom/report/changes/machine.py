"""A report for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from headroom.report.changes.cost import Monthly
from headroom.report.changes.model import Report, Violation
from headroom.report.changes.values import ABSENT, Difference
from headroom.report.changes.view import Detail, StackView, view
from headroom.report.changes.words import verdict
from headroom.report.findings import as_json as findings_as_json
from headroom.report.findings import place_as_json

VERSION = 1
_UNPRICED = ("up", "drift")
"""Operations that ask for no price."""


def as_json(report: Report) -> dict[str, Any]:
    """The stable form; money is in USD by the month, null where nobody asked for it.

    A side of a difference that has no value is left out.
    """
    stacks = view(report)
    return {
        "version": VERSION,
        "operation": report.operation,
        "revision": report.revision or None,
        "base": report.base or None,
        "verdict": list(verdict(stacks, report.operation)),
        "notes": list(report.notes),
        "stacks": [_stack(stack, priced=report.operation not in _UNPRICED) for stack in stacks],
    }


def _stack(stack: StackView, *, priced: bool) -> dict[str, Any]:
    cost = stack.cost
    return {
        "stack": stack.stack,
        "problem": stack.problem,
        "incomplete": stack.incomplete,
        "counts": {str(op): count for op, count in stack.counts.items()},
        "losses": [asdict(loss) for loss in stack.losses],
        "servers": [asdict(server) for server in stack.servers],
        "pools": [asdict(pool) for pool in stack.pools],
        "resources": [_detail(detail) for detail in stack.details],
        "findings": findings_as_json([*stack.findings, *stack.unknown])["findings"],
        "violations": [_violation(violation) for violation in stack.violations],
        "cost": {
            "after": _monthly(cost.after) if priced else None,
            "before": _monthly(cost.before) if cost.before else None,
            "now": cost.now,
            "played": cost.played,
        },
    }


def _violation(violation: Violation) -> dict[str, Any]:
    place = place_as_json(violation.place) if violation.place else {}
    return {"policy": violation.policy, "level": str(violation.level), "message": violation.message, "urn": violation.urn, **place}


def _detail(detail: Detail) -> dict[str, Any]:
    shown = {"op": str(detail.op), "urn": detail.urn, "type": detail.type, "name": detail.name, "title": detail.title}
    return {**shown, "differences": [_difference(entry) for entry in detail.differences]}


def _difference(entry: Difference) -> dict[str, Any]:
    sides = {"before": entry.before, "after": entry.after}
    return {"path": entry.path, **{side: value for side, value in sides.items() if value is not ABSENT}, "replaces": entry.replaces}


def _monthly(monthly: Monthly) -> dict[str, Any]:
    return {"min": monthly.smallest, "max": monthly.largest, "unpriced": list(monthly.unpriced)}
