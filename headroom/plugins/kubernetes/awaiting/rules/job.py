"""Job: complete; a Job that failed fails the wait at once."""

from __future__ import annotations

from headroom.plugins.kubernetes.awaiting.objects import at, bracketed, condition, is_true, namespace_of, owned_by, shown_name
from headroom.plugins.kubernetes.awaiting.rules.pod import PATIENCE, warnings
from headroom.plugins.kubernetes.awaiting.verdict import Done, Failed, Line, Observed, Query, Rule, Verdict, Waiting
from headroom.plugins.kubernetes.client import GVK, Object


def is_failed_job(live: Object) -> bool:
    """A Job whose controller has given up."""
    return live.get("kind") == "Job" and is_true(live, "Failed")


def related(job: Object) -> list[Query]:
    return [Query(GVK("v1", "Pod"), namespace_of(job), labels=f"batch.kubernetes.io/job-name={at(job, 'metadata', 'name')}")]


def assess(seen: Observed) -> Verdict:
    job, status = seen.live, at(seen.live, "status", default={})
    start = Line(f'Waiting for Job "{shown_name(job)}" to start')
    if not status.get("startTime"):
        return Waiting((start,))
    counts = " | ".join(f"{count.capitalize()}: {status.get(count, 0)}" for count in ("active", "succeeded", "failed"))
    lines = (start, Line(f'Waiting for Job "{shown_name(job)}" to succeed ({counts})'))
    troubles = tuple(warnings(owned_by(seen.of("Pod"), job)))
    if is_failed_job(job):
        return Failed((*troubles, bracketed(condition(job, "Failed"))), lines)
    if is_true(job, "Complete"):
        return Done(lines)
    # Containers of a Job that are merely unready are running.
    told = [Line(text, "warning") for text in troubles if seen.elapsed >= PATIENCE and "containers with unready status" not in text]
    return Waiting((*lines, *told), troubles)


RULE = Rule(assess, related)
