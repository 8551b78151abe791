"""A value that is not known yet makes a finding unknown; it never makes a fault, and never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from headroom.wiring import Document, Severity, load, verify
from headroom.wiring.document import PULUMI_UNKNOWN

HERE = Path(__file__).parent
RECIPES = ("gpu-exporter-and-external", "riva-weighted-queue-time", "triton-weighted-ratio")
CHECKS = (
    "hpa-metric-not-recorded/success",
    "monitor-drops-metric/success-target",
    "query-reads-strangers/success-described",
    "query-reads-strangers/success-recorded",
    "target-differs/success",
    "trigger-address-unusable/success-chart",
)
MANIFESTS = [HERE / "recipes" / "correct" / f"{name}.yaml" for name in RECIPES] + [HERE / "checks" / f"{name}.yaml" for name in CHECKS]


def values(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value but kind and apiVersion, which are always known."""
    if path and path[0] not in ("kind", "apiVersion"):
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from values(child, (*path, key))


def with_hole(document: Document, path: tuple[str | int, ...], hole: Any = PULUMI_UNKNOWN) -> Document:
    body: Any = deepcopy(document.body)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = hole
    return Document(body, document.file, document.lines)


@pytest.mark.thorough
@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_hole_in_a_correct_manifest_is_no_fault(file: Path) -> None:
    documents = load([file])
    faults = [
        (document.ref.kind, path, finding.check)
        for index, document in enumerate(documents)
        for path in values(document.body)
        for finding in verify([*documents[:index], with_hole(document, path), *documents[index + 1 :]])
        if finding.severity is not Severity.UNKNOWN
    ]
    assert faults == []


ODD = [None, [], {}, -1, True, "NaN", [None], {"a": [1]}]


@pytest.mark.thorough
def test_a_value_of_another_shape_ends_nothing() -> None:
    documents = load([MANIFESTS[0]])
    places = [(index, path) for index, document in enumerate(documents) for path in values(document.body)]
    for turn, (index, path) in enumerate(places):
        changed = with_hole(documents[index], path, deepcopy(ODD[turn % len(ODD)]))
        assert verify([*documents[:index], changed, *documents[index + 1 :]], security=True) is not None


def test_a_node_whose_taints_are_no_list_is_read() -> None:
    assert verify([{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}, "spec": {"taints": "b"}}]) == []
