"""Nodes, each a pool of one."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.nodes import Pool, Taint
from headroom.wiring.values import Unknown, default

KINDS = {("", "Node")}


def read(document: Document) -> Iterator[Pool]:
    root = Cursor.of(document)
    labels = root["metadata"]["labels"].labels()
    status = root["status"]
    offered = status["allocatable"] if status["allocatable"].exists else status["capacity"]
    yield Pool(
        name=document.ref.name,
        labels={} if isinstance(labels, Unknown) else {"kubernetes.io/hostname": document.ref.name, **labels},
        taints=tuple(_taint(cursor) for cursor in root["spec"]["taints"].items()),
        nodes=1,
        capacity={key: default(value.quantity(), Unknown("no amount")) for key, value in offered.pairs()},
    )


def _taint(cursor: Cursor) -> Taint:
    key, value, effect = (cursor[field].text() for field in ("key", "value", "effect"))
    return Taint(*(part if isinstance(part, str) else "" for part in (key, value, effect)))
