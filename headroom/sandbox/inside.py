"""`python -m headroom.sandbox.inside REQUEST`: the part of the sandbox's commands that runs inside its network namespace.

The request is JSON; the answer comes in JSON lines: `{"progress": text}` as it goes, then `{"error": text}` or `{"done": result}`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from headroom.sandbox import nodes, processes, records, tasks
from headroom.sandbox.api import Api, wait_for
from headroom.sandbox.errors import ProcessDied, SandboxError
from headroom.sandbox.identities import access_rules, questions
from headroom.sandbox.launch import last_lines
from headroom.sandbox.layout import Layout
from headroom.sandbox.observation import observe
from headroom.sandbox.platform import platform_tasks
from headroom.sandbox.report import Report
from headroom.sandbox.request import Request
from headroom.sandbox.supervisor import Supervisor


def up(request: Request, report: Report) -> None:
    layout = request.layout
    tools = {name: Path(path) for name, path in request.tools.items()}
    supervisor = Supervisor(layout, report)
    api = Api(layout)
    wanted = processes.control_plane(layout, tools, request.sockets)
    work = [
        *map(supervisor.task, wanted),
        supervisor.step("identities", ("kube-apiserver",), partial(_apply_access_rules, api)),
        supervisor.step("nodes", ("kube-apiserver",), partial(api.apply_all, [nodes.cpu_node()])),
    ]
    if not request.bare:
        work += platform_tasks(layout, request.stack, tools, supervisor, api, request.values)
    tasks.run(work)
    layout.whole.touch()


def _apply_access_rules(api: Api) -> None:
    # Some belong to a namespace that a controller of the API server makes after it serves.
    wait_for("the namespace kube-system", 30, lambda: api.get("/api/v1/namespaces/kube-system") is not None)
    rules = access_rules()
    api.apply_all(rules)
    # The authorizer hears of them a moment later, and some ask only once, at their start, what they may do.
    asked = questions(rules)
    wait_for("everybody's rights", 60, lambda: all(map(api.allows, asked)))


def answer(request: Request, report: Report) -> Any:
    if request.what == "observe":
        return [asdict(state) for state in observe(request.layout)]
    return up(request, report)


class Line:
    """Answers in whole lines, from whatever thread."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()

    def say(self, kind: str, content: Any) -> None:
        with self._one_at_a_time:
            print(json.dumps({kind: content}), flush=True)


def told(error: SandboxError, layout: Layout) -> str:
    """The error, and which processes have died: they may be why, and others wait for them."""
    dead = [record.name for record in records.read_all(layout) if not records.alive(record)]
    named = error.name if isinstance(error, ProcessDied) else None
    more = [ProcessDied(name, layout.log(name), last_lines(layout.log(name))) for name in dead if name != named]
    return "\n".join(map(str, (error, *more)))


def main() -> int:
    line = Line()
    request = Request(**json.loads(sys.argv[1]))
    # An interrupt ends this process only: what it has started goes on, for `status`, the next `up` and `down`.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        line.say("done", answer(request, partial(line.say, "progress")))
    except SandboxError as error:
        line.say("error", told(error, request.layout))
        return 1
    except Exception:  # noqa: BLE001  (a defect of ours ends it as well, instead of waiting for the other tasks)
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    # After a failure the other tasks still wait for their processes: nothing is left to wait for them.
    os._exit(main())
