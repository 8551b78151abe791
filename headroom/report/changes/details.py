"""A step in full: what it is called, and every property that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from headroom.report.changes.model import Op, Step
from headroom.report.changes.values import ABSENT, Difference, differences, named

OUTSIDE = "(not an input: told by the provider)"


def title(step: Step) -> str:
    """`Deployment inference/demo`, `Release monitoring/prometheus`, `aws NodeGroup l4`: as a person calls it."""
    package, _, rest = step.type.partition(":")
    kind = rest.rpartition(":")[2] or step.type
    if package != "kubernetes":
        return f"{package} {kind} {step.name}"
    body = step.after or step.before or {}
    metadata = body.get("metadata")
    ref: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else body
    name, namespace = ref.get("name") or step.name, ref.get("namespace")
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def changed(step: Step) -> tuple[Difference, ...]:
    """What changes of a resource that was there and stays or comes again; nothing where it is new or goes."""
    if step.before is None or step.after is None or step.op is Op.SAME:
        return ()
    found = differences(step.before, step.after)
    replacing = {named(change.path, step.after, step.before) for change in step.changes if change.replaces}
    replacing |= {named(path, step.after, step.before) for path in step.replace_reasons}
    own = tuple(replace(entry, replaces=any(_touches(entry.path, path) for path in replacing)) for entry in found)
    told = {named(change.path, step.after, step.before): change for change in step.changes}
    further = (
        Difference(path, ABSENT, OUTSIDE, change.replaces)
        for path, change in told.items()
        if not any(_touches(entry.path, path) for entry in found)
    )
    return (*own, *further)


def _touches(one: str, other: str) -> bool:
    """Whether two paths are the same or one leads into the other."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and longer[len(shorter) :][:1] in ("", ".", "[")


def reasons(step: Step) -> tuple[str, ...]:
    """The paths because of which it is replaced."""
    told = [entry.path for entry in changed(step) if entry.replaces]
    return tuple(dict.fromkeys(told or [named(path, step.after, step.before) for path in step.replace_reasons]))


def with_changes(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps that are not for nothing."""
    return tuple(step for step in steps if step.op not in (Op.SAME, Op.READ))
