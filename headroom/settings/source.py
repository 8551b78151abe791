"""Reading a stack file so that every path knows its line, and a key written twice is caught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from headroom import yaml_text
from headroom.settings.problems import InvalidStack, Path, Problem

PROJECT = "headroom"
"""The project's name in Pulumi.yaml, and the prefix of its keys in a stack file."""

# The parser's own words may repeat a part of the file.
_UNREADABLE = (
    "is not YAML that can be read: look for a tab, an unclosed quote or bracket, "
    "or a value that begins with *, & or ! and needs quotes around it"
)


@dataclass(frozen=True)
class Source:
    """A stack file as written: the project's settings, their keys without its prefix, and the line of each path in them."""

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
        return _read(shown, path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidStack(shown, [Problem((), _UNREADABLE, mark.line + 1 if mark else None)]) from None


def _read(shown: str, text: str) -> Source:
    root = yaml.compose(text, Loader=yaml_text.Loader)
    configs = [node for node in root.value if node[0].value == "config"] if isinstance(root, yaml.MappingNode) else []
    if len(configs) > 1:
        raise InvalidStack(shown, [Problem(("config",), "is written twice", configs[1][0].start_mark.line + 1)])
    config = configs[0][1] if configs else None
    if not isinstance(config, yaml.MappingNode) or not config.value:
        raise InvalidStack(shown, [Problem((), "has no `config:` with settings: it must at least name a cluster")])
    own = yaml.MappingNode(config.tag, [pair for pair in config.value if _is_own(pair[0])], config.start_mark, config.end_mark)
    lines: dict[Path, int] = {}
    wrong: list[Problem] = []
    _walk(own, (), lines, wrong)
    if wrong:
        raise InvalidStack(shown, wrong)
    values = yaml.SafeLoader("").construct_document(own)
    return Source(shown, {_bare(key): value for key, value in values.items()}, lines)


def _is_own(key: yaml.Node) -> bool:
    """Whether a key is the project's: Pulumi lets a stack file leave the prefix out."""
    return not isinstance(key, yaml.ScalarNode) or ":" not in key.value or key.value.startswith(f"{PROJECT}:")


def _bare(key: str) -> str:
    return key.removeprefix(f"{PROJECT}:")


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], wrong: list[Problem]) -> None:
    if isinstance(node, yaml.MappingNode):
        _walk_mapping(node.value, path, lines, wrong)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*path, index)] = value.start_mark.line + 1
            _walk(value, (*path, index), lines, wrong)


def _walk_mapping(pairs: Sequence[tuple[yaml.Node, yaml.Node]], path: Path, lines: dict[Path, int], wrong: list[Problem]) -> None:
    for key, value in pairs:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag.rpartition(":")[2] not in {"str", "merge"}:
            wrong.append(Problem(path, "has a key that YAML does not read as text: put it in quotes", line))
            continue
        below = (*path, key.value if path else _bare(key.value))
        if below in lines:
            wrong.append(Problem(below, f"is written twice, first in line {lines[below]}", line))
            continue
        lines[below] = line
        _walk(value, below, lines, wrong)
