"""Who is told how it goes."""

from __future__ import annotations

from typing import Protocol


class Report(Protocol):
    def __call__(self, message: str, /) -> None: ...
