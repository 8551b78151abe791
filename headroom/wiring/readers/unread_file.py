"""A file below a directory that cannot be read: an object made of why, for no cluster."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import OURS, Cursor, Document
from headroom.wiring.facts import Unread
from headroom.wiring.values import Unknown

KINDS = {(OURS, "File")}


def read(document: Document) -> Iterator[Unread]:
    root = Cursor.of(document)
    yield Unread(root.at("spec", "problem").raw() or Unknown("nobody says why"), root.place)
