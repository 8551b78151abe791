"""Which kind of process has had how much processor time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

import psutil

RECORDERS = "what stands for the clouds"
KINDS = {
    "/pulumi": "Pulumi",
    "pulumi.policy": "the policy pack",
    "headroom.plugins.python_host": "the language host",
    "pulumi-language-python-exec": "the programs",
    "headroom.plugins.kubernetes": "the Kubernetes provider",
    "headroom.plugins.recording": RECORDERS,
}
"""By the end of an argument, the first that fits: the language host too is told where the program's executor is."""
_LOOKS_SECONDS = 0.25


class Watch:
    """Seconds of processor time of the processes below this one, by kind, as far as looking at them tells."""

    def __init__(self) -> None:
        self._seen: dict[psutil.Process, tuple[str, float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def spent(self) -> dict[str, float]:
        found = dict.fromkeys(KINDS.values(), 0.0)
        for kind, seconds in self._seen.values():
            found[kind] += seconds
        return found

    def _look(self) -> None:
        while not self._over.wait(_LOOKS_SECONDS):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    if kind := _kind(process.cmdline()):
                        times = process.cpu_times()
                        self._seen[process] = (kind, times.user + times.system)


def _kind(command: Sequence[str]) -> str | None:
    return next((kind for end, kind in KINDS.items() if any(word.endswith(end) for word in command)), None)
