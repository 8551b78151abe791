"""Kustomizations: which files are patches, that is parts of objects, and no objects themselves.

Source: kubernetes-sigs/kustomize api/types/kustomization.go.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from headroom.wiring.document import Cursor, Document

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def without_patches(documents: Sequence[Document]) -> list[Document]:
    """The documents, those marked that a kustomization among them lays over an object."""
    patches = {file for document in documents if _is_kustomization(document) for file in _patches(document)}
    return [replace(found, is_patch=True) if found.file and os.path.normpath(found.file) in patches else found for found in documents]


def _is_kustomization(document: Document) -> bool:
    return document.file is not None and Path(document.file).name in _NAMES


def _patches(document: Document) -> Iterator[str]:
    """The files that a kustomization takes for patches."""
    root, directory = Cursor.of(document), Path(document.file or "").parent
    named = [root["patchesStrategicMerge"].texts()]
    named += [tuple(entry["path"].text() for entry in root[key].items()) for key in ("patches", "patchesJson6902")]
    yield from (os.path.normpath(directory / name) for names in named for name in names if isinstance(name, str) and "\n" not in name)
