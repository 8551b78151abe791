"""Findings as SARIF 2.1.0, which code hosts show beside the lines of a pull request.

What GitHub asks of it, beyond the standard: every result has a file below the repository's root and a line, every rule a help text, and
a fingerprint tells the same result in another commit (docs.github.com, "SARIF support for code scanning").
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from headroom.wiring.finding import Finding, Severity
from headroom.wiring.registry import Check

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def as_sarif(findings: Sequence[Finding], checks: Mapping[str, Check], root: Path) -> dict[str, Any]:
    """The findings of `checks`, their files as from `root`, the repository's top directory; a file elsewhere by its whole path."""
    used = sorted({finding.check for finding in findings})
    run = {
        "tool": {"driver": {"name": "headroom", "rules": [_rule(checks[name]) for name in used]}},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The top directory of the repository."}}},
        "results": [_result(finding, used.index(finding.check), root) for finding in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def repository(start: Path) -> Path:
    """The top directory of the repository around `start`; `start` itself outside of any."""
    return next((directory for directory in (start, *start.parents) if (directory / ".git").exists()), start)


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.name,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.title},
        "help": {"text": check.page, "markdown": check.page},
        "properties": {"tags": ["security" if check.of_baseline else "wiring"]},
    }


def _result(finding: Finding, rule: int, root: Path) -> dict[str, Any]:
    place = finding.place
    level = _LEVEL.get(finding.severity)
    named = {"fullyQualifiedName": str(place.object), "kind": "resource"}
    return {
        "ruleId": finding.check,
        "ruleIndex": rule,
        # A result that is open was not decided for want of information; it has no level.
        **({"kind": "open", "level": "none"} if level is None else {"kind": "fail", "level": level}),
        "message": {"text": f"{finding.message}. {finding.fix}"},
        "locations": [{**_physical(place.file, place.line, root), "logicalLocations": [named]}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding)},
    }


def _physical(file: str | None, line: int | None, root: Path) -> dict[str, Any]:
    if file is None:
        return {}
    return {"physicalLocation": {"artifactLocation": _artifact(root, file), "region": {"startLine": line or 1}}}


def _artifact(root: Path, file: str) -> dict[str, str]:
    whole = Path(file).resolve()
    if whole.is_relative_to(root):
        return {"uri": quote(whole.relative_to(root).as_posix()), "uriBaseId": _ROOT}
    return {"uri": whole.as_uri()}


def _fingerprint(finding: Finding) -> str:
    """The same wherever the object moves to, another for each thing that a check says of one object."""
    told = (finding.check, str(finding.place.object), finding.message)
    return f"{hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:16]}:1"
