"""Findings of the verifier, for a terminal, a pull request, a program and a code host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from headroom.wiring.finding import Finding, Severity

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.UNKNOWN: "bold cyan"}
_SARIF_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The stable form: `{"version": 1, "findings": […]}`."""
    return {"version": 1, "findings": [_entry(finding) for finding in findings]}


def _entry(finding: Finding) -> dict[str, Any]:
    ref = finding.place.object
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        "object": {"apiVersion": ref.api_version, "kind": ref.kind, "namespace": ref.namespace or None, "name": ref.name},
        "location": {"file": finding.place.file, "line": finding.place.line},
        "message": finding.message,
        "fix": finding.fix,
        "docs": finding.docs,
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
    body = Text.assemble((where(finding), "dim"), "\n", finding.message, "\n", ("→ ", "green"), finding.fix)
    return Group(head, Padding(body, (0, 0, 1, 8)))


def _in_brief(finding: Finding) -> RenderableType:
    return Padding(Text.assemble((finding.check, "bold"), "  ", (where(finding), "dim"), "\n", finding.message), (0, 0, 0, 8))


def where(finding: Finding) -> str:
    """`file:line  Kind namespace/name`, as far as there is a file."""
    place = finding.place
    file = f"{place.file}:{place.line}" if place.file and place.line else place.file or ""
    return f"{file}  {place.object}" if file else str(place.object)


def as_markdown(findings: Sequence[Finding]) -> str:
    """A table of errors and warnings, what could not be told folded below it."""
    weighty = [finding for finding in findings if finding.severity is not Severity.UNKNOWN]
    unknown = [finding for finding in findings if finding.severity is Severity.UNKNOWN]
    lines = [f"**Wiring:** {summary(findings)}", ""]
    if weighty:
        lines += ["| | check | where | what | mend |", "|---|---|---|---|---|"]
        lines += [_row(str(f.severity), f"[{f.check}]({f.docs})", where(f), f.message, f.fix) for f in weighty]
    if unknown:
        lines += ["", f"<details><summary>{len(unknown)} not known</summary>", "", "| check | where | what |", "|---|---|---|"]
        lines += [_row(f"[{f.check}]({f.docs})", where(f), f.message) for f in unknown]
        lines += ["", "</details>"]
    return "\n".join(lines).rstrip() + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def as_sarif(findings: Sequence[Finding], titles: dict[str, str]) -> dict[str, Any]:
    """SARIF 2.1.0, which code hosts show beside the lines of a pull request. `titles`: check → its one line."""
    used = sorted({finding.check for finding in findings})
    rules = [{"id": check, "shortDescription": {"text": titles[check]}} for check in used]
    results = [_sarif_result(finding, used.index(finding.check)) for finding in findings]
    driver = {"name": "headroom", "rules": rules}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _sarif_result(finding: Finding, rule: int) -> dict[str, Any]:
    place = finding.place
    region = {"region": {"startLine": place.line}} if place.line else {}
    physical = {"physicalLocation": {"artifactLocation": {"uri": place.file}, **region}} if place.file else {}
    level = _SARIF_LEVEL.get(finding.severity)
    return {
        "ruleId": finding.check,
        "ruleIndex": rule,
        # A result that is open was not decided for want of information; it has no level.
        **({"kind": "open", "level": "none"} if level is None else {"kind": "fail", "level": level}),
        "message": {"text": f"{finding.message}. {finding.fix}"},
        "locations": [{**physical, "logicalLocations": [{"fullyQualifiedName": str(place.object), "kind": "resource"}]}],
    }
