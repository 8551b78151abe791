"""PodDisruptionBudgets."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Budget
from headroom.wiring.readers.parts.selector import label_selector

KINDS = {("policy", "PodDisruptionBudget")}


def read(document: Document) -> Iterator[Budget]:
    root = Cursor.of(document)
    spec = root["spec"]
    limit = spec["minAvailable"] if spec["minAvailable"].exists else spec["maxUnavailable"]
    yield Budget(
        ref=document.ref,
        place=root["metadata"]["name"].place,
        selector=label_selector(spec["selector"]),
        min_available=spec["minAvailable"].text_or_number(),
        max_unavailable=spec["maxUnavailable"].text_or_number(),
        limit_place=limit.place,
    )
