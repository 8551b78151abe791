"""The table of docs/blindness.md as data, and the server of the outage that stands for each row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "blindness.md"
EVENTS = ("series gone", "Prometheus gone", "Prometheus back on old samples")


@dataclass(frozen=True)
class Row:
    backend: str
    signal: str
    replicas: str
    outcomes: dict[str, str]
    """By event."""

    @property
    def server(self) -> str:
        return SERVERS[self.backend, self.signal, self.replicas]


SERVERS = {
    ("hpa", "adds up over pods", "1 or more"): "hpa-sum",
    ("hpa", "ratio, time, mean", "1 or more"): "hpa-value",
    ("keda", "adds up over pods", "1 or more"): "keda-sum",
    ("keda", "ratio, time, mean", "1 or more"): "keda-value",
    ("keda, `fallback`", "adds up over pods", "1 or more"): "keda-raised",
    ("keda, `fallback`", "ratio, time, mean", "1 or more"): "keda-raised-value",
    ("keda, `wake`", "adds up over pods", "1 or more"): "awake",
    ("keda, `wake`", "ratio, time, mean", "1 or more"): "awake-value",
    ("keda, `wake`", "adds up over pods", "0"): "asleep",
    ("keda, `wake`", "ratio, time, mean", "0"): "asleep-value",
}
"""The server of the outage that stands for a row; its twin whose series go is named `…-gone`."""


def rows() -> list[Row]:
    text = PAGE.read_text().partition("<!-- cells -->\n")[2].partition("<!-- end -->")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
    return [Row(backend, signal, replicas, dict(zip(EVENTS, seen, strict=True))) for backend, signal, replicas, *seen in cells]
