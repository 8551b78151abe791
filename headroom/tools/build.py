"""Builds tools into the cache, one after another, each by whoever comes first."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headroom.tools import golang, venvs
from headroom.tools.advice import advice
from headroom.tools.cache import Cache
from headroom.tools.catalog import GoTool
from headroom.tools.errors import ToolError
from headroom.tools.pins import Pin
from headroom.tools.processes import stream
from headroom.tools.progress import Report, Snapshot, left, speed

_SHOWN_LINES = 15


@dataclass(frozen=True)
class _Step:
    """One tool's place in the whole work; seconds as this machine is expected to take them."""

    pin: Pin
    position: int
    total: int
    expected: float
    rest: tuple[float, ...]
    began: float = field(default_factory=time.monotonic)

    def snapshot(self, activity: str, *, done: bool = False) -> Snapshot:
        elapsed = time.monotonic() - self.began
        title = f"{self.pin.tool.name} {self.pin.version}"
        return Snapshot(title, activity, elapsed, self.expected, left(elapsed, self.expected, self.rest), self.position, self.total, done)


def build(pins: Sequence[Pin], cache: Cache, report: Report, go: Callable[[], Path]) -> None:
    """Builds every pin that is not in the cache by the time its turn comes. `go` gives the Go toolchain. Raises `ToolError`."""
    for index, pin in enumerate(pins):
        pace = speed(cache.records())
        expected = [later.tool.seconds * pace for later in pins[index:]]
        step = _Step(pin, index + 1, len(pins), expected[0], tuple(expected[1:]))
        with cache.lock(pin, lambda _, step=step: report.show(step.snapshot("another process builds it"))):
            if cache.find(pin):
                continue
            began = time.monotonic()
            directory = cache.start_over(pin)
            if isinstance(pin.tool, GoTool):
                compiled = _build_go(go(), step, directory, cache, report)
            else:
                _run(step, venvs.steps(pin.wrapper / "requirements.txt", directory), venvs.environment(), venvs.activity, report)
                compiled = 0
            cache.publish(pin, time.monotonic() - began, compiled)
        report.show(step.snapshot("built", done=True))


def _build_go(go: Path, step: _Step, directory: Path, cache: Cache, report: Report) -> int:
    """Builds the tool and puts its companions beside it; returns how many packages had to be compiled."""
    scratch = directory / ".scratch"
    scratch.mkdir()
    environment = golang.environment(go, cache, scratch)
    tool = step.pin.tool
    assert isinstance(tool, GoTool)

    def had(module: str) -> Path:
        query = [go, "list", "-m", "-f", "{{.Dir}}", module]
        found = subprocess.run(query, cwd=step.pin.wrapper, env=environment, capture_output=True, text=True, check=True)
        return Path(found.stdout.strip())

    if completed := list(dict.fromkeys(found.module for found in tool.stand_ins)):
        _run(step, [[go, "mod", "download", *completed]], environment, golang.activity, report)
        golang.complete(step.pin, {module: had(module) for module in completed}, scratch)
    heard = _run(step, golang.steps(go, step.pin, directory, scratch), environment, golang.activity, report)
    for companion in tool.companions:
        shutil.copy(had(companion.module) / companion.path, directory / companion.name)
    shutil.rmtree(scratch)
    return sum(activity.startswith(golang.COMPILING) for activity in heard)


def _run(
    step: _Step,
    commands: Iterable[Sequence[str | Path]],
    environment: Mapping[str, str],
    understood: Callable[[str], str | None],
    report: Report,
) -> list[str]:
    """Runs the commands one after another; returns what they did, as `understood` put their lines."""
    activities = ["starting"]

    def heard(output: str) -> None:
        if activity := understood(output):
            activities.append(activity)

    def tick() -> None:
        report.show(step.snapshot(activities[-1]))

    for command in commands:
        outcome = stream(command, cwd=step.pin.wrapper, env=environment, heard=heard, tick=tick)
        if outcome.code:
            raise ToolError(_failure(step.pin, command, outcome.code, outcome.tail))
    return activities


def _failure(pin: Pin, command: Sequence[str | Path], code: int, tail: Sequence[str]) -> str:
    lines = "\n".join(f"  {text}" for text in tail[-_SHOWN_LINES:])
    ran = shlex.join(map(str, command))
    return f"{pin.tool.name} {pin.version} could not be built (exit {code}):\n{lines}\n{advice(lines)}\nIn {pin.wrapper}: {ran}"
