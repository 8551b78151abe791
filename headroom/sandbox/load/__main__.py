"""`python -m headroom.sandbox.load`: a load from inside the sandbox's network namespace, asked for as JSON on standard input."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from functools import partial
from math import ceil

from headroom.paths import Clone
from headroom.sandbox.async_api import Api
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import Layout
from headroom.sandbox.load.aim import aim
from headroom.sandbox.load.request import LoadRequest
from headroom.sandbox.load.run import Limits, run
from headroom.sandbox.load.statistics import Outcome, per_second, summarize
from headroom.sandbox.load.steps import duration
from headroom.sandbox.stacks import read_stack


def main() -> int:
    """Exit status: 0, or 1 when a request failed or nothing could be sent."""
    request = LoadRequest.from_json(sys.stdin.read())
    try:
        outcomes = asyncio.run(_run(request))
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    total = summarize(outcomes)
    if request.as_data:
        seconds = max(1, ceil(duration(request.steps)))
        print(json.dumps({"total": asdict(total), "seconds": [asdict(second) for second in per_second(outcomes, seconds)]}))
    else:
        p50, p95, p99 = ("–" if value is None else f"{value:.3f} s" for value in (total.p50, total.p95, total.p99))
        print(f"{total.completed} answered, {total.failed} failed; p50 {p50}, p95 {p95}, p99 {p99}")
        for name, found in total.measures.items():
            print(f"  {name}: p50 {found.p50:.3f}, p95 {found.p95:.3f}, p99 {found.p99:.3f}")
        for reason, count in total.failures.items():
            print(f"  {count} × {reason}")
    return 1 if total.failed else 0


async def _run(request: LoadRequest) -> list[Outcome]:
    clone = Clone.find()
    target = aim(read_stack(clone, request.stack), request.server, request.options, direct=request.direct)
    report = (lambda _: None) if request.as_data else partial(print, flush=True)
    limits = Limits(request.max_requests, request.timeout)
    return await run(Api(Layout(clone).inside_kubeconfig), target, request.steps, request.loop, limits, report)


if __name__ == "__main__":
    sys.exit(main())
