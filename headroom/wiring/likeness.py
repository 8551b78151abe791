"""Whether a name is another one with a slip, or simply another name.

What is missing from the files may be elsewhere. Only where a name is so like one that is there that it must have been meant is its absence
an error. `llm-a` and `llm-b`, or `rate1m` and `rate5m`, are different things that are named alike on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from headroom.wiring.selectors import Labels, LabelSelector
from headroom.wiring.values import Unknown

_ALIKE = 0.85
_TOKENS_ALIKE = 0.7


def slip_of(name: str, names: Iterable[str]) -> str | None:
    """The name that was meant; None where none is a slip away."""
    return max((other for other in names if _is_slip(name, other)), key=lambda other: _likeness(name, other), default=None)


def _is_slip(name: str, other: str) -> bool:
    if name == other or re.findall(r"\d+", name) != re.findall(r"\d+", other) or _likeness(name, other) < _ALIKE:
        return False
    tokens, others = (re.split(r"[-_:.]", text) for text in (name, other))
    return len(tokens) != len(others) or all(_likeness(*pair) >= _TOKENS_ALIKE for pair in zip(tokens, others, strict=True))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def meant_for(name: str, other: str, selector: LabelSelector, labels: Labels) -> bool:
    """Whether an object called `name` was meant for the pods of `other`: by its name, or because they lack labels and contradict none."""
    if name == other or name.startswith(f"{other}-"):
        return True
    unmet = selector.unmet(labels)
    if isinstance(labels, Unknown) or len(unmet) == len(selector.requirements):
        return False
    return all(requirement.key not in labels for requirement in unmet)
