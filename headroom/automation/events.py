"""The engine's events of one run as steps, violations and what went wrong.

Shapes: pulumi/pulumi sdk/go/common/apitype/events.go, read by `pulumi.automation.events`; orders as observed of the CLI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.automation import DiffKind, EngineEvent, OpType
from pulumi.automation.events import StepEventMetadata

from headroom.doctor.access import NOT_LOOKED
from headroom.report.changes import Level, Op, PropertyChange, PropertyOp, Step, Violation

STACK = "pulumi:pulumi:Stack"

_OPS = {
    OpType.SAME: Op.SAME,
    OpType.CREATE: Op.CREATE,
    OpType.UPDATE: Op.UPDATE,
    OpType.DELETE: Op.DELETE,
    OpType.REPLACE: Op.REPLACE,
    OpType.CREATE_REPLACEMENT: Op.REPLACE,
    OpType.IMPORT_REPLACEMENT: Op.REPLACE,
    OpType.READ_REPLACEMENT: Op.READ,
    OpType.DELETE_REPLACED: Op.DELETE,
    OpType.READ: Op.READ,
    OpType.IMPORT: Op.IMPORT,
}
"""What is not here only changes the state: what was read is forgotten, or a deletion that was done already is noted."""
_KINDS = {
    DiffKind.ADD: PropertyOp.ADD,
    DiffKind.ADD_REPLACE: PropertyOp.ADD,
    DiffKind.DELETE: PropertyOp.DELETE,
    DiffKind.DELETE_REPLACE: PropertyOp.DELETE,
    DiffKind.UPDATE: PropertyOp.UPDATE,
    DiffKind.UPDATE_REPLACE: PropertyOp.UPDATE,
}
_LEVELS = {"mandatory": Level.MANDATORY, "advisory": Level.ADVISORY}

Say = Callable[[str], None]


@dataclass
class Recorder:
    """Is given the events of one run in their order.

    `live`: of a look for drift. What became of a resource is then told when it has been read, and may be in its state alone.
    """

    live: bool = False
    steps: dict[str, Step] = field(default_factory=dict)
    """By URN, in the order in which they are first heard of."""
    violations: list[Violation] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """What the program could not look into, and why."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """Of the stack, secrets blinded."""

    def hear(self, event: EngineEvent) -> None:
        if event.resource_pre_event and not self.live:
            self._step(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            metadata = event.res_outputs_event.metadata
            if self.live:
                self._step(metadata)
            if metadata.type == STACK and metadata.new:
                self.outputs = metadata.new.outputs or {}
        elif event.policy_event:
            said = event.policy_event
            level = _LEVELS.get(said.enforcement_level)
            if level:
                self.violations.append(Violation(said.policy_name, level, said.message.strip(), said.resource_urn or ""))
        elif event.diagnostic_event and not event.diagnostic_event.ephemeral:
            # What is said while something is waited for is over when it is there.
            said = event.diagnostic_event
            message = _about(said.urn, said.message)
            heard = self.gaps if message.startswith(NOT_LOOKED) else {"error": self.errors, "warning": self.warnings}.get(said.severity)
            if heard is not None and message and message not in heard:
                heard.append(message)

    def _step(self, metadata: StepEventMetadata) -> None:
        op = _OPS.get(metadata.op)
        if op is None or metadata.type == STACK:
            return
        step, known = _step(metadata, op, self.live), self.steps.get(metadata.urn)
        self.steps[metadata.urn] = step if known is None else _together(known, step)


def _together(before: Step, after: Step) -> Step:
    """Two of the engine's steps with one resource as one.

    A replacement is told as `create-replacement`, `replace` and `delete-replaced`, the last of them first where the old one goes before
    the new one comes. What is deleted beside something else is a rest of a replacement that was cut off.
    """
    first, second = (after, before) if after.op is Op.REPLACE else (before, after)
    if first.op is Op.REPLACE:
        deleted_first = before.op is Op.DELETE or before.delete_first
        return replace(first, delete_first=deleted_first, protected=first.protected or second.protected)
    return before if after.op is Op.DELETE else after


def _step(metadata: StepEventMetadata, op: Op, live: bool) -> Step:
    before, after = (state.inputs if state else None for state in (metadata.old, metadata.new))
    if live and before == after:
        before, after = (state.outputs if state else None for state in (metadata.old, metadata.new))
    return Step(
        op,
        metadata.urn,
        metadata.type,
        metadata.urn.rpartition("::")[2],
        before=None if op is Op.CREATE else before,
        after=None if op is Op.DELETE else after,
        changes=tuple(
            PropertyChange(path, _KINDS[diff.diff_kind], diff.diff_kind.value.endswith("-replace"))
            for path, diff in (metadata.detailed_diff or {}).items()
        ),
        replace_reasons=tuple(metadata.keys or ()) if op is Op.REPLACE else (),
        protected=any(bool(state and state.protect) for state in (metadata.old, metadata.new)),
    )


def _about(urn: str | None, message: str) -> str:
    """A message and the resource that it is about, where it is about one."""
    name = (urn or "").rpartition("::")[2]
    return f"{name}: {message.strip()}" if name and STACK not in (urn or "") else message.strip()
