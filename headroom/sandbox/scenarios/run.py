"""Plays a scenario: its load, its recorder, its phases one after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from headroom.plugins.kubernetes.client import Client
from headroom.report.timeline import Sample
from headroom.sandbox.async_api import Api
from headroom.sandbox.load.aim import Aim
from headroom.sandbox.load.endpoints import followed
from headroom.sandbox.load.generator import Generator
from headroom.sandbox.load.statistics import summarize
from headroom.sandbox.report import Report
from headroom.sandbox.scenarios.conditions import holds
from headroom.sandbox.scenarios.definition import Phase, Scenario
from headroom.sandbox.scenarios.prometheus import Ask
from headroom.sandbox.scenarios.recorder import SAMPLE_SECONDS, Recorder
from headroom.sandbox.scenarios.recording import Change, Recording, Stage, Subject

REPORT_SECONDS = 5.0
Load = contextlib.AbstractAsyncContextManager[Generator | None]


async def play(name: str, scenario: Scenario, subject: Subject, client: Client, ask: Ask, load: Load, report: Report) -> Recording:
    """Raises what entering the `load` raises."""
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    async with load as generator:
        recorder = Recorder(client, ask, subject, generator, lambda change: report(told(change)))
        recording = asyncio.create_task(recorder.record())
        try:
            stages = await _stages(scenario, subject, recorder, generator, report)
        finally:
            recording.cancel()
            (ended,) = await asyncio.gather(recording, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended
        failures = summarize(generator.outcomes).failures if generator else {}
    return Recording(
        name,
        begun,
        subject,
        stages,
        tuple(recorder.samples),
        tuple(recorder.changes),
        failures,
        await asyncio.to_thread(recorder.complaint),
        await asyncio.to_thread(recorder.warnings),
    )


@contextlib.asynccontextmanager
async def sending(api: Api, aim: Aim) -> AsyncIterator[Generator]:
    """Raises `SandboxError` when no pod is ready."""
    async with followed(api, aim) as pods, Generator(aim.call, pods.next) as generator:
        yield generator


async def _stages(
    scenario: Scenario, subject: Subject, recorder: Recorder, generator: Generator | None, report: Report
) -> tuple[Stage, ...]:
    """Ends early at a phase that waited in vain: what comes after it would show nothing."""
    stages: list[Stage] = []
    for phase in scenario.phases:
        stages.append(await _stage(phase, subject, recorder, generator, report))
        if stages[-1].reached is False:
            report(f"{recorder.elapsed:6.1f} s  {phase.name}: {phase.until} did not come")
            break
    return tuple(stages)


async def _stage(phase: Phase, subject: Subject, recorder: Recorder, generator: Generator | None, report: Report) -> Stage:
    begun = recorder.elapsed
    report(f"{begun:6.1f} s  {phase.name}: {introduction(phase)}")
    if generator:
        generator.level = phase.level
    reached = None if phase.until is None else False
    reported = begun
    while not reached and recorder.elapsed - begun < phase.seconds:
        await asyncio.sleep(min(SAMPLE_SECONDS / 4, max(0, phase.seconds - (recorder.elapsed - begun))))
        fresh = [sample for sample in recorder.samples[-1:] if sample.seconds > begun]
        if phase.until is not None and fresh:
            reached = holds(phase.until, fresh[-1], subject)
        if fresh and fresh[-1].seconds - reported >= REPORT_SECONDS:
            reported = fresh[-1].seconds
            report(state(fresh[-1], subject))
    return Stage(phase.name, phase.level, round(begun, 2), round(recorder.elapsed, 2), phase.until, reached)


def introduction(phase: Phase) -> str:
    load = f"{phase.level} requests in flight" if phase.level else "no load"
    return f"{load}, until {phase.until} or {phase.seconds:g} s" if phase.until else f"{load} for {phase.seconds:g} s"


def state(sample: Sample, subject: Subject) -> str:
    """A sample as a line of progress."""
    signal = "unknown" if sample.signal is None else f"{sample.signal:.2f}"
    ready = "unknown" if sample.ready is None else str(sample.ready)
    return (
        f"{sample.seconds:6.1f} s    {sample.completed} answered/s, {subject.title.lower()} {signal} {subject.unit}, ready replicas {ready}"
    )


def told(change: Change) -> str:
    return f"{change.seconds:6.1f} s    desired replicas {change.before} → {change.after}"
