"""A load from its first request to its last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from headroom.sandbox.async_api import Api
from headroom.sandbox.load.aim import Aim
from headroom.sandbox.load.endpoints import followed
from headroom.sandbox.load.generator import Generator, Loop
from headroom.sandbox.load.statistics import Outcome, Summary, summarize
from headroom.sandbox.load.steps import Step
from headroom.sandbox.report import Report

REPORT_SECONDS = 5.0


@dataclass(frozen=True)
class Limits:
    max_requests: int
    timeout: float


async def run(api: Api, aim: Aim, steps: Sequence[Step], loop: Loop, limits: Limits, report: Report) -> list[Outcome]:
    """Every request's outcome. Raises `SandboxError` when no pod is ready at the beginning."""
    async with (
        followed(api, aim) as pods,
        Generator(aim.call, pods.next, loop=loop, timeout=limits.timeout, max_requests=limits.max_requests) as generator,
    ):
        elapsed = 0.0
        for step in steps:
            generator.level = step.level
            left = step.seconds
            while left > 0 and not generator.exhausted:
                seen, stretch = len(generator.outcomes), min(left, REPORT_SECONDS)
                await asyncio.sleep(stretch)
                elapsed, left = elapsed + stretch, left - stretch
                report(line(elapsed, step, loop, summarize(generator.outcomes[seen:]), stretch, len(pods)))
        if generator.exhausted:
            report(f"stopped after {generator.sent} requests, the most that were allowed")
    return generator.outcomes


def line(elapsed: float, step: Step, loop: Loop, summary: Summary, seconds: float, pods: int) -> str:
    """One stretch of a load, for a terminal."""
    slowest = f"p95 {summary.p95:.3f} s" if summary.p95 is not None else "p95 –"
    rate = summary.completed / seconds
    return f"{elapsed:5.0f} s  {step.level:g} {loop}  {rate:6.1f} answered/s  {slowest}  {summary.failed} failed  pods ready: {pods}"
