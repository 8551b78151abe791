"""Pod: scheduled, initialized, ready; and what the Pods of a workload complain about."""

from __future__ import annotations

from collections.abc import Iterable

from headroom.plugins.kubernetes.awaiting.objects import at, bracketed, condition, is_true, shown_name
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import Object

# Every start passes through unready containers: a workload's progress mentions them after so many seconds only.
PATIENCE = 10.0

STAGES = (("PodScheduled", "scheduled"), ("Initialized", "initialized"), ("Ready", "ready"))


def assess(seen: Observed) -> Verdict:
    stages = _stages_reached(seen.live)
    lines = tuple(Line(f'Waiting for Pod "{shown_name(seen.live)}" to be {word}') for _, word in stages)
    if _passed(seen.live, stages[-1][0]):
        return Done(lines)
    return Waiting(lines, tuple(warnings([seen.live])))


def warnings(pods: Iterable[Object]) -> list[str]:
    """What keeps each Pod from its next stage. A Pod that waits for a node has nothing to say: its events do."""
    return [text for pod in pods if (text := _warning(pod))]


def _warning(pod: Object) -> str:
    kind = _stages_reached(pod)[-1][0]
    missing = condition(pod, kind)
    if kind == "PodScheduled" or not missing or _passed(pod, kind):
        return ""
    trouble = "\n".join(text for status in at(pod, "status", "containerStatuses", default=()) for text in _container_troubles(status))
    message = missing.get("message", "")
    if not trouble and not message:
        return ""
    return f"[Pod {shown_name(pod)}]: {message if missing.get('reason') else ''}{trouble}"


def _stages_reached(pod: Object) -> list[tuple[str, str]]:
    """The stages up to and with the first that is not passed."""
    passed = 0
    while passed < len(STAGES) - 1 and _passed(pod, STAGES[passed][0]):
        passed += 1
    return list(STAGES[: passed + 1])


def _passed(pod: Object, kind: str) -> bool:
    ended_well = kind == "Ready" and bool(condition(pod, kind)) and at(pod, "status", "phase") == "Succeeded"
    return ended_well or is_true(pod, kind)


def _container_troubles(status: Object) -> list[str]:
    if status.get("ready"):
        return []
    waiting, ended, before = at(status, "state", "waiting"), at(status, "state", "terminated"), at(status, "lastState", "terminated")
    troubles = []
    if waiting and waiting.get("reason") != "ContainerCreating":
        troubles.append(bracketed(waiting))
    if ended and ended.get("reason"):
        exit_text = f'container "{status["name"]}" completed with exit code {ended.get("exitCode", 0)}'
        troubles.append(bracketed(ended) if ended.get("message") else exit_text)
    if before:
        ending = f"({before.get('reason', '')}: exit code {before.get('exitCode', 0)})"
        troubles.append(f'container "{status["name"]}" terminated at {before.get("finishedAt", "")} {ending}')
        troubles += [before["message"]] if before.get("message") else []
    return troubles


RULE = Rule(assess)
