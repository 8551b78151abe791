"""A chart's own files as a tree of keys and types, its subcharts' below their names."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headroom import yaml_text
from headroom.catalog.charts.refresh.schema import from_schema
from headroom.catalog.charts.refresh.templates import EACH, Reads, reads
from headroom.catalog.charts.tree import ANY, LIST, MAP, OTHERS, SCALAR, Tree

_IMAGE_KEYS = ("registry", "repository", "image")
_SWITCH = "enabled"
_INT_OR_STRING = frozenset({"maxUnavailable", "minAvailable", "maxSurge", "targetPort"})
"""Kubernetes takes a number or a text under these names (apimachinery's IntOrString), whichever the chart's default is."""


@contextmanager
def opened(chart: Path) -> Iterator[Path]:
    """The directory of a chart, which may be packed (`.tgz`)."""
    if chart.is_dir():
        yield chart
        return
    with tempfile.TemporaryDirectory() as directory, tarfile.open(chart) as archive:
        archive.extractall(directory, filter="data")
        (unpacked,) = Path(directory).iterdir()
        yield unpacked


def name_of(chart: Path) -> str:
    with opened(chart) as directory:
        return _yaml(directory / "Chart.yaml")["name"]


def values_tree(chart: Path) -> Tree:
    """The tree of the chart in a directory or archive. Raises `OSError` or `tarfile.TarError` for anything else."""
    with opened(chart) as directory:
        return _sorted(_tree(directory))


def _tree(directory: Path) -> Mapping[str, Tree]:
    tree = _own(directory, _defaults(directory))
    for name, subchart in _subcharts(directory):
        below = values_tree(subchart)
        assert isinstance(below, Mapping)
        # Helm hands `global` to every subchart.
        tree = _merged(tree, {name: below, **{key: below[key] for key in ("global",) if key in below}})
    for dependency in _yaml(directory / "Chart.yaml").get("dependencies", []):
        for condition in filter(None, dependency.get("condition", "").split(",")):
            switch = _nested(tuple(condition.strip().split(".")), "bool")
            assert isinstance(switch, Mapping)
            tree = _merged(tree, switch)
    return tree


def _own(directory: Path, defaults: Mapping[str, Any]) -> dict[str, Tree]:
    schema = directory / "values.schema.json"
    typed = from_schema(json.loads(schema.read_text())) if schema.exists() else {}
    assert isinstance(typed, Mapping)
    if typed and OTHERS not in typed:
        return dict(typed)
    found = reads(
        path.read_text() for path in sorted((directory / "templates").rglob("*")) if path.suffix in (".yaml", ".tpl", ".txt", ".yml")
    )
    tree = {str(key): _of_defaults(value, found, (str(key),)) for key, value in defaults.items()}
    for path in sorted(found.keys):
        tree = _with_key(tree, path)
    return _merged(_typed_by(tree, typed), {"global": MAP})


def _of_defaults(value: Any, found: Reads, path: tuple[str, ...]) -> Tree:
    if path in found.asked:
        return ANY
    if isinstance(value, Mapping):
        keys = {str(key): _of_defaults(below, found, (*path, str(key))) for key, below in value.items()}
        if not keys:
            return MAP
        if path not in found.whole:
            return keys
        # What is handed on is Kubernetes' to judge; only the keys that the chart reads itself are the chart's.
        read = {key: below for key, below in keys.items() if (*path, key) in found.keys}
        return {**read, OTHERS: ANY} if read else MAP
    # Charts write false for "not set" too, where a text or a number belongs.
    not_set = value is False and path in found.optional and path[-1] != _SWITCH
    return SCALAR if not_set else _type_of(value, path[-1])


def _type_of(value: Any, key: str) -> str:
    if value is None:
        return ANY
    if key in _INT_OR_STRING and isinstance(value, str | int):
        return "int|string"
    if value == "":
        return SCALAR
    return {bool: "bool", int: "int", float: "number", list: LIST}.get(type(value), "string")


def _with_key(tree: Mapping[str, Tree], path: tuple[str, ...]) -> dict[str, Tree]:
    """The tree with a key that templates read. Below a list, an open mapping or a value of one type nothing is added."""
    if not path or path[0] == EACH:
        return dict(tree)
    key, rest = path[0], path[1:]
    below = tree.get(key)
    if below is None:
        return dict(tree) if OTHERS in tree else {**tree, key: _nested(rest, ANY)}
    return {**tree, key: _with_key(below, rest)} if isinstance(below, Mapping) else dict(tree)


def _nested(path: tuple[str, ...], leaf: str) -> Tree:
    if not path:
        return leaf
    return ANY if path[0] == EACH else {path[0]: _nested(path[1:], leaf)}


def _typed_by(tree: Mapping[str, Tree], typed: Mapping[str, Tree]) -> dict[str, Tree]:
    """Types from a schema that leaves its mappings open: its keys are added, its types count, and what is open stays as it was found."""
    result = dict(tree)
    for key, below in typed.items():
        mine = tree.get(key)
        if key == OTHERS:
            continue
        if isinstance(mine, Mapping) and isinstance(below, Mapping):
            result[key] = _typed_by(mine, below)
        elif mine is None or (isinstance(below, str) and below not in (ANY, MAP)):
            result[key] = below
    return result


def _merged(one: Mapping[str, Tree], other: Mapping[str, Tree]) -> dict[str, Tree]:
    return {key: _either(one[key], other[key]) if key in one and key in other else {**other, **one}[key] for key in {**one, **other}}


def _either(one: Tree, other: Tree) -> Tree:
    """What a parent chart and its subchart say of one key."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _merged(one, other)
    if isinstance(one, Mapping) or isinstance(other, Mapping):
        keys, word = (one, other) if isinstance(one, Mapping) else (other, one)
        assert isinstance(keys, Mapping)
        return {**keys, OTHERS: ANY} if word in (MAP, ANY) else keys
    known = [word for word in (one, other) if word != ANY]
    return "|".join(sorted({part for word in known for part in str(word).split("|")})) if known else ANY


def images(chart: Path) -> dict[str, dict[str, str]]:
    """The images that the chart and its subcharts name by default, by the dotted path of the mapping that names them.

    `registry`, `repository` and `image` as they stand there: charts differ in which of them they have.
    """
    with opened(chart) as directory:
        return dict(sorted(_images(directory)))


def _images(directory: Path) -> Iterator[tuple[str, dict[str, str]]]:
    found = {".".join(path): image for path, image in _named_images(_defaults(directory), ())}
    for name, subchart in _subcharts(directory):
        found = {**{f"{name}.{path}": image for path, image in images(subchart).items()}, **found}
    yield from found.items()


def _named_images(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    named = {key: values[key] for key in _IMAGE_KEYS if isinstance(values.get(key), str) and values[key]}
    if "repository" in named:
        yield path, named
    for key, below in values.items():
        if isinstance(below, Mapping):
            yield from _named_images(below, (*path, str(key)))


def _defaults(directory: Path) -> Mapping[str, Any]:
    file = directory / "values.yaml"
    return (_yaml(file) if file.exists() else None) or {}


def _subcharts(directory: Path) -> Iterator[tuple[str, Path]]:
    """Subcharts by the name that their values have in the parent's."""
    aliases = {one["name"]: one.get("alias", one["name"]) for one in _yaml(directory / "Chart.yaml").get("dependencies", [])}
    below = directory / "charts"
    for path in sorted(below.iterdir()) if below.is_dir() else ():
        if path.is_dir() or path.suffix == ".tgz":
            with opened(path) as unpacked:
                name = _yaml(unpacked / "Chart.yaml")["name"]
            yield aliases.get(name, name), path


def _yaml(path: Path) -> Any:
    return yaml_text.load(path.read_text())


def _sorted(tree: Tree) -> Tree:
    return {key: _sorted(tree[key]) for key in sorted(tree)} if isinstance(tree, Mapping) else tree
