"""The loops in words, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from headroom.doctor.loop.links import Link, Loop, Verdict
from headroom.doctor.loop.measure import WHAT
from headroom.wiring.values import seconds

_COLOURS = {
    Verdict.HOLDS: "green",
    Verdict.BROKEN: "bold red",
    Verdict.CANNOT_TELL: "yellow",
    Verdict.ASLEEP: "dim",
    Verdict.NOT_REACHED: "dim",
}
_WIDTH = max(map(len, WHAT))


def summary(loop: Loop) -> str:
    """The whole of it in one sentence."""
    who = f"{loop.server} in {loop.namespace}"
    if not loop.there:
        return f"{who}: not applied yet"
    untold = ", ".join(link.name for link in loop.untold)
    if loop.broken:
        before = f" (of the links before it, {untold} cannot be told)" if untold else ""
        return f"{who}: broken at {loop.broken.name}{before}: {loop.broken.measured}"
    return f"{who}: nothing is broken; {untold} cannot be told" if untold else f"{who}: every link holds"


def lines(loop: Loop) -> Iterator[Text]:
    """A line for each link, and below it what to do."""
    for link in loop.links:
        line = Text("  ")
        line.append(f"{link.verdict:<11}", _COLOURS[link.verdict])
        line.append(f"  {link.name:<{_WIDTH}}  ")
        line.append(link.measured or WHAT[link.name], "" if link.measured else "dim")
        line.append(_age(link), "dim")
        yield line
        if link.fix:
            yield Text(f"  {'':<11}  {'':<{_WIDTH}}  → {link.fix}")


def _age(link: Link) -> str:
    return f"  ({seconds(round(link.seconds_old, 1))} ago)" if link.seconds_old else ""


def as_json(loop: Loop) -> dict[str, Any]:
    """The same for a program."""
    return {
        "server": loop.server,
        "namespace": loop.namespace,
        "applied": loop.there,
        "broken": loop.broken.name if loop.broken else None,
        "summary": summary(loop),
        "links": [
            {
                "name": link.name,
                "what": WHAT[link.name],
                "verdict": str(link.verdict),
                "measured": link.measured,
                "secondsOld": None if link.seconds_old is None else round(link.seconds_old, 3),
                "fix": link.fix,
            }
            for link in loop.links
        ],
    }
