"""Documents → facts: every reader is found in the package and given the objects of its kinds."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from types import ModuleType
from typing import Any

from headroom.wiring import readers
from headroom.wiring.addresses import Answering
from headroom.wiring.barriers import Barrier
from headroom.wiring.document import OURS, Cursor, Document
from headroom.wiring.facts import (
    Adapter,
    Autoscaler,
    Budget,
    Facts,
    Ignore,
    Ingress,
    MetricsApi,
    Monitor,
    Present,
    Prometheus,
    Route,
    Rule,
    Service,
    Unread,
    Workload,
)
from headroom.wiring.nodes import Pool
from headroom.wiring.secrets import Plaintext, plaintexts
from headroom.wiring.security import Custody, Kept, Pods
from headroom.wiring.values import Unknown

IGNORE_PREFIX = f"{OURS}/ignore-"

_SHELVES: dict[type, str] = {
    Present: "objects",
    Workload: "workloads",
    Service: "services",
    Monitor: "monitors",
    Rule: "rules",
    Prometheus: "prometheuses",
    Answering: "answering",
    Adapter: "adapters",
    Autoscaler: "autoscalers",
    Budget: "budgets",
    Pool: "pools",
    MetricsApi: "apis",
    Ignore: "ignores",
    Route: "routes",
    Ingress: "ingresses",
    Pods: "pods",
    Barrier: "barriers",
    Kept: "kept",
    Custody: "custodies",
    Plaintext: "plaintexts",
    Unread: "unread",
}


def gather(
    documents: Iterable[Document],
    pools: Iterable[Pool] = (),
    *,
    closed: bool = False,
    today: date | None = None,
) -> Facts:
    shelves: dict[str, list[Any]] = defaultdict(list)
    shelves["pools"] += pools
    for document in documents:
        for fact in _facts(document):
            shelves[_SHELVES[type(fact)]].append(fact)
    return Facts(**{name: tuple(facts) for name, facts in shelves.items()}, closed=closed, today=today or date.today())


def is_read(document: Document) -> bool:
    """Whether a reader knows what the document is: an object of its kind, or values that it finds something in."""
    if "kind" not in document.body:
        return any(True for _ in _facts(document))
    return any((document.ref.group, document.ref.kind) in reader.KINDS for reader in _readers())


def _facts(document: Document) -> Iterator[Any]:
    ref = document.ref
    yield from plaintexts(document)
    if document.is_patch:
        return
    if "kind" not in document.body:
        for reader in _readers():
            if hasattr(reader, "read_values"):
                yield from reader.read_values(document)
        return
    metadata = Cursor.of(document)["metadata"]
    yield Present(ref, metadata["name"].place, metadata["labels"].labels())
    yield from _ignores(document, metadata["annotations"])
    for reader in _readers():
        if (ref.group, ref.kind) in reader.KINDS:
            yield from reader.read(document)


def _ignores(document: Document, annotations: Cursor) -> Iterator[Ignore]:
    for key, cursor in annotations.pairs():
        if key.startswith(IGNORE_PREFIX):
            text = cursor.text()
            yield Ignore(key.removeprefix(IGNORE_PREFIX), Unknown("no text") if text is None else text, document.ref, cursor.place)


@cache
def _readers() -> tuple[ModuleType, ...]:
    names = [module.name for module in pkgutil.iter_modules(readers.__path__) if not module.ispkg]
    return tuple(importlib.import_module(f"{readers.__name__}.{name}") for name in sorted(names))
