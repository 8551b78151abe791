"""Packaged charts: read, and written so that the same contents are the same bytes."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from headroom import yaml_text


class _Loader(yaml_text.Loader):
    """YAML as Kubernetes reads it: `=`, which YAML 1.1 has a meaning for, is a text, and so is a date."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":value", ":timestamp"))]
    for first, resolvers in yaml_text.Loader.yaml_implicit_resolvers.items()
}


def metadata(path: Path) -> dict[str, Any]:
    """The Chart.yaml of a packaged chart. Raises `ValueError` when the file is none."""
    try:
        found = next((text for inside, text in contents(path) if inside.count("/") == 1 and inside.endswith("/Chart.yaml")), None)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ValueError(f"is no packaged chart: {error}") from None
    if found is None:
        raise ValueError("is no packaged chart: it has no Chart.yaml")
    return yaml.load(found, _Loader)


def definitions(path: Path) -> list[dict[str, Any]]:
    """The custom resource definitions in the directories `crds` of a packaged chart and of the charts inside it, by name."""
    found = {}
    for inside, text in contents(path):
        if "/crds/" in inside and inside.endswith((".yaml", ".yml")):
            found |= {item["metadata"]["name"]: item for item in _definitions(yaml.load_all(text, _Loader))}
    return [found[name] for name in sorted(found)]


def write(path: Path, files: Mapping[str, str]) -> None:
    """Packs `files`, by their path in the archive."""
    packed = io.BytesIO()
    # No times: who packs again gets the same digest.
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for inside, text in files.items():
            member = tarfile.TarInfo(inside)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    path.write_bytes(packed.getvalue())


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a packaged chart by their path in it, which begins with the chart's name."""
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, file.read()


def _definitions(documents: Iterable[Any]) -> Iterator[dict[str, Any]]:
    return (item for item in documents if isinstance(item, dict) and item.get("kind") == "CustomResourceDefinition")
