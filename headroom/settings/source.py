"""Reading a stack file so that every path knows its line, and a key written twice is caught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from headroom.settings import documents, foreign
from headroom.settings.foreign import PROJECT
from headroom.settings.problems import InvalidStack, Path, Problem

_NO_TEXT = "has a key that YAML does not read as text: put it in quotes"


class NoSuchFile(InvalidStack):
    """There is no stack file: the configuration may come from elsewhere."""


@dataclass(frozen=True)
class Source:
    """A stack file as written: the project's settings, their keys without its prefix, and the line of each path in them."""

    name: str
    config: Mapping[str, Any]
    lines: Mapping[Path, int]
    strays: tuple[Problem, ...] = ()
    """Keys beside the settings that nobody reads."""

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of its nearest parent that the file has."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_source(path: FilePath) -> Source:
    """The stack file at `path`. Raises `InvalidStack` when it is not YAML or names a key twice, `NoSuchFile` when it is missing."""
    shown = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        known = sorted(p.name for p in path.parent.glob("Pulumi.*.yaml")) if path.parent.is_dir() else []
        raise NoSuchFile(shown, [Problem((), f"there is no such file; stacks here: {', '.join(known) or 'none'}")])
    try:
        return _read(shown, documents.compose(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidStack(shown, [documents.unreadable(error)]) from None


def _read(shown: str, root: yaml.Node | None) -> Source:
    top = root.value if isinstance(root, yaml.MappingNode) else []
    configs = [pair for pair in top if pair[0].value == "config"]
    config = configs[0][1].value if configs and isinstance(configs[0][1], yaml.MappingNode) else []
    own = yaml.MappingNode("tag:yaml.org,2002:map", [pair for pair in config if _is_own(pair[0])])
    lines: dict[Path, int] = {}
    wrong = [Problem(("config",), "is written twice", _line(key)) for key, _ in configs[1:]]
    _walk(own, (), lines, wrong)
    strays = (*_strays(top, config),)
    if wrong:
        raise InvalidStack(shown, [*strays, *wrong])
    return Source(shown, {_bare(key): value for key, value in documents.construct(own).items()}, lines, strays)


def _strays(top: Sequence[tuple[yaml.Node, yaml.Node]], config: Sequence[tuple[yaml.Node, yaml.Node]]) -> Iterator[Problem]:
    for key, _ in top:
        if isinstance(key, yaml.ScalarNode):
            yield from foreign.at_the_top(key.value, _line(key))
        else:
            yield Problem((), _NO_TEXT, _line(key))
    for key, _ in config:
        if not _is_own(key):
            yield from foreign.below_config(key.value, _line(key))


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


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
            lines[(*path, index)] = _line(value)
            _walk(value, (*path, index), lines, wrong)


def _walk_mapping(pairs: Sequence[tuple[yaml.Node, yaml.Node]], path: Path, lines: dict[Path, int], wrong: list[Problem]) -> None:
    for key, value in pairs:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode) or key.tag.rpartition(":")[2] not in {"str", "merge"}:
            wrong.append(Problem(path, _NO_TEXT, line))
            continue
        below = (*path, key.value if path else _bare(key.value))
        if below in lines:
            wrong.append(Problem(below, f"is written twice, first in line {lines[below]}", line))
            continue
        lines[below] = line
        _walk(value, below, lines, wrong)
