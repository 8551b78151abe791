"""One operation on one stack, from its file to what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pulumi import automation

from headroom import tools
from headroom.automation import interrupted, redaction
from headroom.automation.engine import Engine, Options, PulumiFailed
from headroom.automation.events import Recorder
from headroom.automation.nodes import nodes_by_pool
from headroom.automation.sandboxed import ClusterMemory, Kubectl
from headroom.desired import Desired, render
from headroom.paths import Clone
from headroom.report.changes import Level, StackChanges
from headroom.report.changes.words import counted
from headroom.report.price import prices
from headroom.report.stack_places import findings_in_file, violations_in_file
from headroom.settings import Stack, load
from headroom.settings.cluster import KwokCluster
from headroom.settings.platform import Mode
from headroom.wiring.finding import Finding, Severity

_SAYS_NOTHING = re.compile(r"(preview|update|destroy|refresh) failed")
"""How the engine ends a run of which it has said before why it failed."""

Say = Callable[[str], None]
Hear = Callable[[automation.EngineEvent], None]


class Operation(StrEnum):
    PREVIEW = "preview"
    UP = "up"
    DRIFT = "drift"
    DESTROY = "destroy"

    @property
    def changes(self) -> bool:
        return self in (Operation.UP, Operation.DESTROY)


@dataclass(frozen=True)
class Outcome:
    """What became of a stack, as it was told: it is redacted where it is shown."""

    changes: StackChanges
    warnings: tuple[str, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)


class StackRun:
    """An operation on one stack, in two parts: `select`, which is for one stack at a time, and `run`, which is for several.

    Raises `InvalidStack` when the stack's file is wrong.
    """

    def __init__(self, clone: Clone, name: str, operation: Operation, redact: redaction.Redactor, say: Say):
        self.name = name
        self._clone = clone
        self._operation = operation
        self._redact = redact
        self._say = say
        self._file = clone.stack_file(name)
        self.settings = load(self._file)
        self._desired: Desired = render(self.settings)
        self._stack: automation.Stack | None = None
        redact.learn(redaction.of_objects([*self._desired.objects, *_values(self._desired)]))

    @property
    def sandboxed(self) -> bool:
        return isinstance(self.settings.cluster, KwokCluster)

    def select(self, engine: Engine) -> None:
        """Makes the stack ready. Raises `PulumiFailed` or `ToolError` where it cannot be."""
        if not engine.official and _uses_helm(self.settings):
            tools.require("helm")
        self._recover_backend()
        self._stack = engine.select(self.name, sandboxed=self.sandboxed)
        if "secure:" in self._file.read_text():
            self._redact.learn(redaction.of_values(engine.secrets(self._stack)))
        if self.sandboxed:
            self._redact.learn(redaction.of_kubeconfig(self._clone.kubeconfig))
            self._reconcile_with_sandbox(engine)

    def run(self, engine: Engine, options: Options, hear: Hear) -> Outcome:
        """Never raises what Pulumi fails with: that is a part of the outcome."""
        if self.sandboxed and self._operation is Operation.UP:
            # What is in it ends by hand, by a process that was killed, with a run that was cut off: the state may speak of what is gone.
            options = replace(options, refresh=True)
        recorder = Recorder(live=self._operation is Operation.DRIFT)
        problem = None

        def heard(event: automation.EngineEvent) -> None:
            recorder.hear(event)
            hear(event)

        if self._stack is not None:
            try:
                getattr(engine, self._operation)(self._stack, heard, options)
            except PulumiFailed as failure:
                problem = _problem(recorder, str(failure))
        steps = tuple(recorder.steps.values())
        changes = StackChanges(
            self.name,
            steps=steps,
            violations=tuple(violations_in_file(recorder.violations, steps, self._desired, self._file)),
            problem=problem,
            incomplete="; ".join(recorder.gaps) or None,
            **self._known(),
        )
        if options.save_plan and options.policy_packs and any(finding.severity is Severity.ERROR for finding in changes.findings):
            options.save_plan.unlink(missing_ok=True)
        return Outcome(changes, tuple(recorder.warnings), recorder.outputs)

    def failed(self, problem: str) -> Outcome:
        """Where the stack could not be selected."""
        return Outcome(StackChanges(self.name, problem=problem, **self._known()))

    def _known(self) -> dict[str, Any]:
        """What a preview says beside the steps; nothing of it needs Pulumi."""
        if self._operation is not Operation.PREVIEW:
            return {}
        return {
            "findings": self._findings(),
            "prices": prices(self.settings),
            "nodes_now": nodes_by_pool(self.settings, self._clone),
        }

    def errors(self) -> tuple[Finding, ...]:
        """What the verifier finds that has to be mended first; nothing of it needs Pulumi."""
        return tuple(finding for finding in self._findings() if finding.severity is Severity.ERROR)

    def _findings(self) -> tuple[Finding, ...]:
        return tuple(findings_in_file(self.settings, self._desired, self._file, security=True))

    def _recover_backend(self) -> None:
        """Undoes what a run that was killed did to the files of the clone's own backend."""
        for lock in interrupted.stale_locks(self._clone.backend, self.name):
            self._say(f"an earlier run ended without releasing its lock (process {lock.pid}): released")
            lock.path.unlink(missing_ok=True)
        for path in interrupted.strange_locks(self._clone.backend, self.name):
            self._say(f"{path} does not say, in a form that can be read here, who holds the stack: left as it is")
        if interrupted.running(self._clone.backend, self.name):
            return
        if interrupted.mend_attributes(self._clone.backend, self.name):
            self._say("an earlier run was cut off while it wrote what stands beside its files: removed, nothing is lost")
        if interrupted.mend_checkpoint(self._clone.backend, self.name):
            self._say("an earlier run was cut off while it wrote the stack's state: went back to the state before that")

    def _reconcile_with_sandbox(self, engine: Engine) -> None:
        """Makes the state speak of the sandbox that is there; without one there is nothing to destroy."""
        assert self._stack is not None
        kubectl, memory = Kubectl(self._clone.kubeconfig, self._clone.kube_cache), ClusterMemory(self._clone, self.name)
        identity = kubectl.identity()
        if identity is None:
            if self._operation is not Operation.DESTROY:
                raise PulumiFailed("the sandbox is not running: start it with `headroom sandbox up`, or run `make up`")
            self._say("the sandbox is not running, and what was in it is gone with it")
            engine.forget(self._stack)
            self._stack = None
            return
        if memory.remembered not in (None, identity):
            self._say("this is a new sandbox: what the former one held is gone with it")
            engine.forget(self._stack)
            self._stack = engine.select(self.name, sandboxed=True)
        memory.remember(identity)
        if self._operation.changes:
            self._clear_what_was_cut_off(engine, self._stack, kubectl)

    def _clear_what_was_cut_off(self, engine: Engine, stack: automation.Stack, kubectl: Kubectl) -> None:
        """What a run that was killed had begun to make or to delete is deleted: in the sandbox it can be made again."""
        state = engine.export(stack)
        settled = interrupted.settled(state)
        if settled is None:
            return
        # First: it needs the lock, so that nothing is taken from a run that is not over.
        engine.restore(stack, settled)
        if left := interrupted.half_done(state):
            self._say(f"an earlier run was cut off while it made or deleted {counted(len(left), 'object')}: removing what is there of it")
            kubectl.delete(left)


def _problem(recorder: Recorder, said: str) -> str | None:
    """Why a run failed, by the engine's own diagnostics; None where a policy pack ended it, whose violations say why."""
    telling = [error for error in recorder.errors if not _SAYS_NOTHING.fullmatch(error)]
    if telling:
        return "\n".join(telling)
    if any(violation.level is Level.MANDATORY for violation in recorder.violations):
        return None
    return said or "\n".join(recorder.errors) or "Pulumi failed and did not say why"


def _values(desired: Desired) -> Iterator[Mapping[str, Any]]:
    for add_on in desired.platform.values():
        yield from (release.values for release in add_on.releases)


def _uses_helm(stack: Stack) -> bool:
    """Whether an add-on is a Helm release. Pulumi's own plugin has Helm in it, our stand-in runs it."""
    return any(addon.mode is Mode.HELM for addon in stack.platform.add_ons.values())
