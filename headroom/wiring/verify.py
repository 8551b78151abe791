"""Objects in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from headroom.wiring.document import Document
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Finding, Severity
from headroom.wiring.gather import gather
from headroom.wiring.nodes import Pool
from headroom.wiring.registry import Check, all_checks
from headroom.wiring.secrets import hidden
from headroom.wiring.silence import is_silenced

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.UNKNOWN: 2}


def verify(
    objects: Iterable[Document | Mapping[str, Any]],
    pools: Iterable[Pool] = (),
    *,
    closed: bool = False,
    security: bool = False,
    today: date | None = None,
) -> list[Finding]:
    """Every finding about the objects, the gravest first.

    `objects` are plain Kubernetes objects, `Document`s where lines are known, or files of Helm values. `pools` adds nodes that are not
    objects. `closed` says that the objects are all there is: what is absent does not exist, and what is missing is an error, not unknown.
    `security` adds the checks of the security baseline.
    """
    documents = [found if isinstance(found, Document) else Document(found) for found in objects]
    return judge(gather(documents, pools, closed=closed, today=today), security=security)


def judge(facts: Facts, *, security: bool = False) -> list[Finding]:
    wanted = [check for check in all_checks().values() if security or not check.of_baseline]
    found = {finding for check in wanted for finding in _findings(check, facts) if not is_silenced(facts, finding)}
    return sorted(found, key=_order)


def _findings(check: Check, facts: Facts) -> Iterable[Finding]:
    for verdict in check.run(facts):
        message, fix = (hidden(text, facts.plaintexts) for text in (verdict.message, verdict.fix))
        yield Finding(check.name, verdict.severity, verdict.place, message, fix, check.docs)


def _order(finding: Finding) -> tuple[Any, ...]:
    place = finding.place
    return (_WEIGHT[finding.severity], place.file or "", place.line or 0, place.object, finding.check, finding.message)
