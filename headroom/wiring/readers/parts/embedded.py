"""YAML inside of a text of a document, such as a file in a ConfigMap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from headroom.wiring.document import Cursor, Document
from headroom.wiring.source import UnreadableInput, read_text


def files(document: Document, *marks: str) -> Iterator[tuple[Cursor, str]]:
    """The YAML files of a ConfigMap that hold every one of the marks."""
    for key, cursor in Cursor.of(document)["data"].pairs():
        text = cursor.raw()
        if key.endswith((".yaml", ".yml", ".rules")) and isinstance(text, str) and all(mark in text for mark in marks):
            yield cursor, text


def opened(cursor: Cursor, text: str) -> Cursor | None:
    """The first document of the text, its lines counted on from its key, as in a literal block; None where it cannot be read."""
    try:
        documents = read_text(text)
    except UnreadableInput:
        return None
    if not documents:
        return cursor
    start = cursor.place.line
    moved = {} if start is None else {(*cursor.path, *path): start + line for path, line in documents[0].lines.items()}
    return Cursor(replace(cursor.document, lines={**cursor.document.lines, **moved}), documents[0].body, cursor.path)
