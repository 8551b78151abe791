"""Files and directories of YAML, and Pulumi's own JSON → documents with the line of every value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from headroom import yaml_text
from headroom.wiring import kustomize, pulumi
from headroom.wiring.document import OURS, Document
from headroom.wiring.document import Path as ValuePath

_LARGEST = 1_000_000
"""Values of one document; aliases of aliases could make a page of YAML fill the memory."""
SUFFIXES = (".yaml", ".yml", ".json")


class UnreadableInput(Exception):
    """A path that does not exist, a file that is not YAML, or a directory of which nothing can be read."""

    def __init__(self, problem: str, file: str | None = None, line: int | None = None):
        where = f"{file or 'input'}:{line}" if line else file or "input"
        super().__init__(f"{where}: {problem}")
        self.problem = problem
        self.line = line


class _Loader(yaml_text.Loader):
    """YAML 1.1 as Kubernetes reads it: what looks like a date, `1:30` and `=` stay text, and tags that are not known are left out.

    `{{NAME}}`, which somebody fills in before YAML is made of it, is that text, although YAML reads it as a mapping.
    """


_TEXT_TAGS = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
_TO_BASE_60 = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile(f"(?!.*:){pattern.pattern}", re.VERBOSE) if tag in _TO_BASE_60 else pattern)
        for tag, pattern in resolvers
        if tag not in _TEXT_TAGS
    ]
    for first, resolvers in yaml_text.Loader.yaml_implicit_resolvers.items()
}


def _untagged(loader: yaml.CSafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


_Loader.add_constructor(cast(str, None), _untagged)


def _mapping(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> Any:
    for key, _ in node.value:
        if isinstance(key, yaml.MappingNode):
            return "{{" + " ".join(str(name.value) for name, _ in key.value) + "}}"
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def load(paths: Iterable[Path]) -> list[Document]:
    """Every object in the files, and in the YAML and JSON files below the directories.

    A file below a directory that cannot be read is a document that says so. Raises `UnreadableInput` for one that is named, and for a
    directory without any that can be read.
    """
    documents = [document for path in paths for document in (_below(path) if path.is_dir() else read_text(_text(path), str(path)))]
    return kustomize.without_patches(documents)


def _below(directory: Path) -> Iterator[Document]:
    """The objects in the files below a directory."""
    files = _files(directory)
    unread: list[Document] = []
    for file in files:
        try:
            text = _text(file)
            yield from read_text(text, str(file)) if _may_hold_objects(file, text) else ()
        except UnreadableInput as unreadable:
            unread.append(_unread(file, unreadable))
    if len(unread) == len(files):
        raise UnreadableInput(f"none of the {len(files)} files below it is YAML" if files else "no YAML is below it", str(directory))
    yield from unread


def _unread(file: Path, unreadable: UnreadableInput) -> Document:
    """A file that cannot be read, as an object for no cluster."""
    body = {
        "apiVersion": f"{OURS}/v1",
        "kind": "File",
        "metadata": {"name": file.name},
        "spec": {"problem": unreadable.problem},
    }
    return Document(body, str(file), {(): unreadable.line or 1})


def read_text(text: str, file: str | None = None) -> list[Document]:
    """The objects of a YAML text; lists of objects are opened. Raises `UnreadableInput`."""
    documents = []
    try:
        loader = _Loader(_without_definitions(text))
        while loader.check_node():
            node: Any = loader.get_node()
            _size(node, {})
            body = loader.construct_document(node)
            lines: dict[ValuePath, int] = {}
            _note_lines(node, (), lines, set())
            documents += _open(body, lines, file)
    except yaml.YAMLError as error:
        raise _explained(error, text, file) from None
    return documents


_DOCUMENT = re.compile(r"^(?=---(?:\s|$))", re.MULTILINE)
_DEFINITION = re.compile(r"^kind: *[\"']?CustomResourceDefinition\b", re.MULTILINE)


def _without_definitions(text: str) -> str:
    """The text with empty lines in place of definitions of resources: the verifier asks nothing of them, and they are long."""
    if not _DEFINITION.search(text):
        return text
    return "".join("---\n" + "\n" * (part.count("\n") - 1) if _DEFINITION.search(part) else part for part in _DOCUMENT.split(text))


def _files(directory: Path) -> list[Path]:
    return sorted(file for file in directory.rglob("*") if file.suffix in SUFFIXES and file.is_file() and not _hidden(file, directory))


def _may_hold_objects(file: Path, text: str) -> bool:
    """Whether a file that nobody named is worth reading: most JSON in a repository is a dashboard, a schema, a setting of some tool."""
    if file.suffix != ".json":
        return True
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return '"apiVersion"' in text
    return isinstance(body, Mapping) and ("kind" in body or pulumi.is_output(body))


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnreadableInput("there is no such file or directory; a stack of this repository is named with -s", str(file)) from None
    except OSError as error:
        raise UnreadableInput(error.strerror or str(error), str(file)) from None
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"not text: {error}", str(file)) from None


def _open(body: Any, lines: Mapping[ValuePath, int], file: str | None) -> Iterator[Document]:
    """The objects in one document: itself, or what a list of objects or the JSON of Pulumi holds."""
    if not isinstance(body, Mapping) or not body:
        return
    found = pulumi.objects(body) if pulumi.is_output(body) else _items(body)
    if found is None:
        yield Document(body, file, lines)
        return
    below = _Below(lines)
    for one in found:
        if one.release is None and one.protected is None:
            yield from _open(one.body, below.at(one.path), file)
        else:
            yield Document(one.body, file, below.at(one.path), one.release, one.namespace, one.protected)


def _items(body: Mapping[str, Any]) -> Iterable[pulumi.Found] | None:
    """What a list of objects holds; None where the document is no list."""
    items, kind = body.get("items"), str(body.get("kind", ""))
    if not kind.endswith("List") or not isinstance(items, list):
        return None
    # A list of one kind leaves it out of its items.
    of_all = {"apiVersion": body.get("apiVersion"), "kind": kind.removesuffix("List")} if kind != "List" else {}
    return [pulumi.Found(("items", index), {**of_all, **item}) for index, item in enumerate(items) if isinstance(item, Mapping)]


class _Below:
    """The lines below a path, found without looking through those of all other paths."""

    def __init__(self, lines: Mapping[ValuePath, int]):
        self._lines = lines
        self._by_start: dict[int, dict[ValuePath, list[ValuePath]]] = {}

    def at(self, path: ValuePath) -> dict[ValuePath, int]:
        depth = len(path)
        if depth not in self._by_start:
            starts = self._by_start.setdefault(depth, {})
            for place in self._lines:
                starts.setdefault(place[:depth], []).append(place)
        return {place[depth:]: self._lines[place] for place in self._by_start[depth].get(path, [])}


def _size(node: yaml.Node, sizes: dict[int, int | None]) -> int:
    """How many values a node is when its aliases are written out. Raises where that is without end, or too many to be meant."""
    known = sizes.get(id(node), 0)
    if known is None:
        raise yaml.MarkedYAMLError(problem="an alias stands inside of what it stands for", problem_mark=node.start_mark)
    if known:
        return known
    sizes[id(node)] = None
    within = [value for pair in node.value for value in pair] if isinstance(node, yaml.MappingNode) else node.value
    size = 1 + (sum(_size(value, sizes) for value in within) if isinstance(node, yaml.CollectionNode) else 0)
    if size > _LARGEST:
        raise yaml.MarkedYAMLError(problem=f"its aliases stand for more than {_LARGEST} values", problem_mark=node.start_mark)
    sizes[id(node)] = size
    return size


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


def _explained(error: yaml.YAMLError, text: str, file: str | None) -> UnreadableInput:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    template = " (a Helm template: render it with `helm template` first)" if "{{" in text else ""
    return UnreadableInput(f"not YAML: {what}{template}", file, mark.line + 1 if mark else None)
