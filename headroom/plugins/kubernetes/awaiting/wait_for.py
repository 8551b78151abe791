"""The annotation `pulumi.com/waitFor`: `jsonpath={.path}[=value]`, `condition=Type[=Status]`, or a JSON array of them (all must hold)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from headroom.plugins.kubernetes.awaiting import jsonpath
from headroom.plugins.kubernetes.awaiting.objects import at
from headroom.plugins.kubernetes.awaiting.outcome import BadWaitFor
from headroom.plugins.kubernetes.awaiting.verdict import (
    CONDITION_TIMED_OUT,
    CONTEXT_CANCELED,
    Done,
    Line,
    Observed,
    Rule,
    Verdict,
    Waiting,
)
from headroom.plugins.kubernetes.client import Object

Check = Callable[[Object], tuple[bool, Line | None]]


def rule_of(annotation: str) -> Rule:
    """The rule that a non-empty annotation states. Raises `BadWaitFor`."""
    checks = [_check(expression) for expression in _expressions(annotation)]
    if not checks:
        raise BadWaitFor("at least one condition must be specified")
    return Rule(lambda seen: _assess(checks, seen), timed_out=CONDITION_TIMED_OUT, cancelled=CONTEXT_CANCELED)


def _assess(checks: Sequence[Check], seen: Observed) -> Verdict:
    results = [check(seen.live) for check in checks]
    lines = tuple(line for _, line in results if line)
    return Done(lines) if all(holds for holds, _ in results) else Waiting(lines)


def _expressions(annotation: str) -> list[str]:
    try:
        listed = json.loads(annotation)
    except ValueError:
        return [annotation]
    return listed if isinstance(listed, list) and all(isinstance(item, str) for item in listed) else [annotation]


def _check(expression: str) -> Check:
    prefix, _, rest = expression.partition("=")
    if prefix == "jsonpath" and rest:
        return _path_check(rest)
    if prefix == "condition" and rest:
        return _condition_check(rest)
    raise BadWaitFor(f'expected a "jsonpath=" or "condition=" prefix, got {json.dumps(expression, ensure_ascii=False)}')


def _path_check(expression: str) -> Check:
    path, wanted = _split(expression)
    inner = re.search(r"\{\s*(.*?)\s*\}", path)
    if path.startswith("'") and path.endswith("'"):
        raise BadWaitFor(f"{path} should omit shell quotes")
    if not inner:
        raise BadWaitFor(f"{path} should be wrapped in brackets {{ ... }}")
    try:
        select = jsonpath.parse(inner[1] if inner[1].startswith("$") else f"${inner[1]}")
    except jsonpath.BadPath as error:
        raise BadWaitFor(f'parsing "{path}": {error}') from None

    def check(obj: Object) -> tuple[bool, Line | None]:
        if not _generation_seen(obj, obj):
            return False, None
        found = select(obj)
        if not found:
            return False, Line(f"{path} selected nothing")
        if wanted is None:
            return True, Line(f"Found {path}")
        if isinstance(found[0], dict | list):
            return False, Line(f'"{path}" has a non-primitive value, which never equals "{wanted}"', "warning")
        text = _text(found[0])
        holds = text == wanted
        return holds, Line(f"Found {path}={wanted}" if holds else f"Waiting for {path}={wanted} (found {json.dumps(text)})")

    return check


def _split(expression: str) -> tuple[str, str | None]:
    """Path and value at the only `=` that is no `==`."""
    parts = re.split(r"(?<!=)=(?!=)", expression)
    if len(parts) > 2:
        raise BadWaitFor(f'format should be {{.path}}=value or {{.path}}, got "{expression}"')
    if len(parts) == 2 and not parts[1]:
        raise BadWaitFor(f"{parts[0]}= requires a value")
    return parts[0], parts[1] if len(parts) == 2 else None


def _condition_check(expression: str) -> Check:
    kind, _, status = expression.partition("=")
    wanted = status or "True"

    def check(obj: Object) -> tuple[bool, Line | None]:
        conditions = at(obj, "status", "conditions")
        if conditions is None:
            return False, Line("Has no .status.conditions", "warning")
        item = next((item for item in conditions if item.get("type", "").lower() == kind.lower()), None)
        if item is None:
            return False, None
        if not _generation_seen(obj, item):
            generation = at(obj, "metadata", "generation")
            return False, Line(f"Generation {_observed_generation(obj, item)} is less than expected {generation}")
        found = item.get("status", "")
        if found.lower() == wanted.lower():
            return True, None
        return False, Line(f"Resource has condition {kind}={found} (want {wanted})")

    return check


def _observed_generation(obj: Object, item: Object) -> int | None:
    return at(item, "observedGeneration", default=at(obj, "status", "observedGeneration"))


def _generation_seen(obj: Object, item: Object) -> bool:
    """No controller says that it has not seen the present spec."""
    observed = _observed_generation(obj, item)
    return observed is None or observed >= at(obj, "metadata", "generation", default=0)


def _text(value: Any) -> str:
    """A primitive as the official provider prints it before it compares."""
    if value is None:
        return "<nil>"
    return json.dumps(value) if isinstance(value, bool) else str(value)
