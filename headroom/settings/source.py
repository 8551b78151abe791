"""Reading a stack file so that every path knows its line, and a key written twice is caught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from headroom.settings.problems import InvalidStack, Path, Problem


@dataclass(frozen=True)
class Source:
    """A stack file as written: its `config` mapping and the line of each path in it."""

    name: str
    config: Mapping[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of its nearest parent that the file has."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_source(path: FilePath) -> Source:
    """The stack file at `path`. Raises `InvalidStack` when it is missing, empty, not YAML, or names a key twice."""
    shown = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        known = sorted(p.name for p in path.parent.glob("Pulumi.*.yaml")) if path.parent.is_dir() else []
        raise InvalidStack(shown, [Problem((), f"there is no such file; stacks here: {', '.join(known) or 'none'}")])
    try:
        root = yaml.compose(path.read_text(), Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidStack(
            shown, [Problem((), f"is not YAML: {getattr(error, 'problem', 'unreadable')}", mark.line + 1 if mark else None)]
        ) from None
    config = _child(root, "config") if isinstance(root, yaml.MappingNode) else None
    if not isinstance(config, yaml.MappingNode) or not config.value:
        raise InvalidStack(shown, [Problem((), "has no `config:` with settings: it must at least name a cluster")])
    lines: dict[Path, int] = {}
    twice: list[Problem] = []
    _walk(config, (), lines, twice)
    if twice:
        raise InvalidStack(shown, twice)
    values = yaml.SafeLoader("").construct_document(config)
    return Source(shown, {_qualified(str(key)): value for key, value in values.items()}, lines)


def _child(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((value for name, value in node.value if name.value == key), None)


def _qualified(key: str) -> str:
    """Pulumi lets a stack file leave the project's prefix out."""
    return key if ":" in key else f"headroom:{key}"


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], twice: list[Problem]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = key.value if path else _qualified(key.value).partition(":")[2]
            below = (*path, name)
            if below in lines:
                twice.append(Problem(below, f"is written twice, first in line {lines[below]}", key.start_mark.line + 1))
            lines[below] = key.start_mark.line + 1
            _walk(value, below, lines, twice)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*path, index)] = value.start_mark.line + 1
            _walk(value, (*path, index), lines, twice)
