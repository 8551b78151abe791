"""Findings of the verifier, for a terminal and a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from headroom.wiring.document import Place
from headroom.wiring.finding import Finding, Severity

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.UNKNOWN: "bold cyan"}


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The stable form: `{"version": 1, "findings": […]}`."""
    return {"version": 1, "findings": [_entry(finding) for finding in findings]}


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        **place_as_json(finding.place),
        "message": finding.message,
        "fix": finding.fix,
        "docs": finding.docs,
    }


def place_as_json(place: Place) -> dict[str, Any]:
    ref = place.object
    return {
        "object": {"apiVersion": ref.api_version, "kind": ref.kind, "namespace": ref.namespace or None, "name": ref.name},
        "location": {"file": place.file, "line": place.line},
    }


def summary(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning, 3 not known`; `nothing found` where there is none."""
    counts = Counter(finding.severity for finding in findings)
    words = {Severity.ERROR: ("error", "errors"), Severity.WARNING: ("warning", "warnings"), Severity.UNKNOWN: ("not known", "not known")}
    parts = [f"{counts[severity]} {one if counts[severity] == 1 else many}" for severity, (one, many) in words.items() if counts[severity]]
    return ", ".join(parts) or "nothing found"


def on_terminal(findings: Sequence[Finding]) -> RenderableType:
    """Errors and warnings in full; what could not be told in one line each."""
    weighty = [finding for finding in findings if finding.severity is not Severity.UNKNOWN]
    unknown = [finding for finding in findings if finding.severity is Severity.UNKNOWN]
    parts: list[RenderableType] = [_in_full(finding) for finding in weighty]
    if unknown:
        parts += [Text("cannot tell", style=_STYLES[Severity.UNKNOWN]), *(_in_brief(finding) for finding in unknown), Text()]
    if findings:
        parts.append(Text(f"{summary(findings)}. `headroom verify --explain CHECK` says why it matters and how to mend it."))
    else:
        parts.append(Text("wiring: nothing found", style="green"))
    return Group(*parts)


def _in_full(finding: Finding) -> RenderableType:
    head = Text.assemble((f"{finding.severity:<8}", _STYLES[finding.severity]), (finding.check, "bold"))
    body = Text.assemble((where(finding.place), "dim"), "\n", finding.message, "\n", ("→ ", "green"), finding.fix)
    return Group(head, Padding(body, (0, 0, 1, 8)))


def _in_brief(finding: Finding) -> RenderableType:
    return Padding(Text.assemble((finding.check, "bold"), "  ", (where(finding.place), "dim"), "\n", finding.message), (0, 0, 0, 8))


def where(place: Place) -> str:
    """`file:line  Kind namespace/name`, as far as there is a file."""
    file = f"{place.file}:{place.line}" if place.file and place.line else place.file or ""
    return f"{file}  {place.object}" if file else str(place.object)
