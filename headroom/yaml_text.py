"""YAML as libyaml reads it, thirty times as fast as PyYAML's own reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

DEEPEST = 200
"""Levels that a document may be nested: libyaml's reader ends the whole process somewhere above 20,000."""


class TooDeep(yaml.MarkedYAMLError):
    """A document that is nested deeper than `DEEPEST`."""


class Loader(yaml.CSafeLoader):
    """Plain values alone. Raises `yaml.YAMLError`, also for what is nested deeper than `DEEPEST`."""

    def __init__(self, text: str | bytes):
        _refuse_depth(text)
        super().__init__(text)


def load(text: str | bytes) -> Any:
    """The one document of a text; None where it is empty."""
    return yaml.load(text, Loader)


def load_all(text: str | bytes) -> Iterator[Any]:
    """Every document of a text, empty ones as None."""
    return yaml.load_all(text, Loader)


def _refuse_depth(text: str | bytes) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise TooDeep(problem=f"is nested more than {DEEPEST} levels deep", problem_mark=event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
