"""Runs what depends on each other in order, and everything else at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    name: str
    needs: tuple[str, ...]
    run: Callable[[], None]


def run(tasks: Sequence[Task]) -> None:
    """Runs every task once all that it needs is done.

    After a failure nothing more is begun and the error is raised at once, without waiting for what runs.
    """
    check(tasks)
    waiting = {task.name: task for task in tasks}
    done: set[str] = set()
    running: dict[Future[None], str] = {}
    pool = ThreadPoolExecutor(max_workers=max(1, len(tasks)))
    try:
        while waiting or running:
            for task in [task for task in waiting.values() if done.issuperset(task.needs)]:
                del waiting[task.name]
                running[pool.submit(task.run)] = task.name
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                done.add(running.pop(future))
                future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def check(tasks: Sequence[Task]) -> None:
    """Refuses a need that no task meets and needs that go in a circle."""
    open_needs = {task.name: set(task.needs) for task in tasks}
    for name, needs in open_needs.items():
        if unknown := needs - open_needs.keys():
            raise ValueError(f"task {name} needs {', '.join(sorted(unknown))}, which no task is")
    while open_needs:
        free = {name for name, needs in open_needs.items() if not needs}
        if not free:
            raise ValueError(f"tasks need each other in a circle: {', '.join(sorted(open_needs))}")
        open_needs = {name: needs - free for name, needs in open_needs.items() if name not in free}
