"""Who keeps a Pulumi stack's state and its secrets: an object made of the stack's file and of the environment, for no cluster."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.pulumi import CLOUD
from headroom.wiring.security import Custody

KINDS = {(CLOUD, "Stack")}


def read(document: Document) -> Iterator[Custody]:
    root = Cursor.of(document)
    spec = root["spec"]
    yield Custody(
        place=root["metadata"]["name"].place,
        name=document.ref.name,
        backend=_text(spec["backend"]),
        secrets_provider=_text(spec["secretsProvider"]),
    )


def _text(cursor: Cursor) -> str:
    value = cursor.text()
    return value if isinstance(value, str) else ""
