"""Property paths: `metadata.annotations["a.io/x"]`, `spec.containers[0].image`, `spec.containers[*].env`."""

from __future__ import annotations

import re
from collections.abc import Sequence

Step = str | int

ANY = "*"
STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]')


def parse(text: str) -> tuple[Step, ...]:
    """The steps of a written path; `[*]` is any position or key."""
    steps: list[Step] = []
    for name, index, quoted in STEP.findall(text):
        steps.append(name or (int(index) if index.isdigit() else index or quoted.replace('\\"', '"')))
    return tuple(steps)


def dotted(path: Sequence[Step]) -> str:
    """The path as it is written."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif any(character in step for character in './"[]'):
            escaped = step.replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{step}" if text else step
    return text


def covers(top: Sequence[Step], path: Sequence[Step]) -> bool:
    """Whether `path` is `top` or below it."""
    return len(path) >= len(top) and all(wanted in (ANY, step) for wanted, step in zip(top, path, strict=False))
