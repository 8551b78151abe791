"""Files and directories of YAML → documents with the line of every value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from headroom.wiring.document import Document
from headroom.wiring.document import Path as ValuePath

SUFFIXES = (".yaml", ".yml", ".json")


class UnreadableInput(Exception):
    """A path that does not exist, or a file that is not YAML."""


class _Loader(yaml.CSafeLoader):
    """YAML 1.1 as Kubernetes reads it: what looks like a date stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load(paths: Iterable[Path]) -> list[Document]:
    """Every object in the files, and in the YAML files below the directories. Raises `UnreadableInput`."""
    return [document for path in paths for file in _files(path) for document in read_text(_text(file), str(file))]


def read_text(text: str, file: str | None = None) -> list[Document]:
    """The objects of a YAML text; lists of objects are opened. Raises `UnreadableInput`."""
    documents = []
    loader = _Loader(text)
    try:
        while loader.check_node():
            node: Any = loader.get_node()
            body = loader.construct_document(node)
            lines: dict[ValuePath, int] = {}
            _note_lines(node, (), lines, set())
            documents += _open(body, lines, file)
    except yaml.YAMLError as error:
        raise UnreadableInput(_explain(error, text, file)) from None
    finally:
        loader.dispose()
    return documents


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file() and not _hidden(file, path))
    elif path.exists():
        yield path
    else:
        raise UnreadableInput(f"{path}: there is no such file or directory")


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"{file}: {error}") from None


def _open(body: Any, lines: dict[ValuePath, int], file: str | None) -> Iterator[Document]:
    if not isinstance(body, Mapping):
        return
    items = body.get("items")
    if str(body.get("kind", "")).endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            inner = {path[2:]: line for path, line in lines.items() if path[:2] == ("items", index)}
            yield from _open(item, inner, file)
    elif body:
        yield Document(body, file, lines)


def _note_lines(node: yaml.Node, path: ValuePath, lines: dict[ValuePath, int], above: set[int]) -> None:
    if id(node) in above:
        return
    lines.setdefault(path, node.start_mark.line + 1)
    within = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            # The line of the key is where a reader looks, and where a block value of its own line would mislead.
            lines[(*path, str(key.value))] = key.start_mark.line + 1
            _note_lines(value, (*path, str(key.value)), lines, within)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*path, index), lines, within)


def _explain(error: yaml.YAMLError, text: str, file: str | None) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"{file or 'input'}:{mark.line + 1}" if mark else file or "input"
    what = getattr(error, "problem", None) or str(error)
    template = " (a Helm template: render it with `helm template` first)" if "{{" in text else ""
    return f"{where}: not YAML: {what}{template}"
