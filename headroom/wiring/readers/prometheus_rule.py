"""Rules: PrometheusRule objects, and plain rule files."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Rule
from headroom.wiring.values import Unknown, default

KINDS = {("monitoring.coreos.com", "PrometheusRule")}


def read(document: Document) -> Iterator[Rule]:
    root = Cursor.of(document)
    for group in root["spec"]["groups"].items():
        for rule in group["rules"].items():
            yield Rule(
                record=rule["record"].text(),
                alert=rule["alert"].text(),
                expr=_expression(rule["expr"]),
                labels=rule["labels"].labels(),
                owner=document.ref,
                owner_labels=root["metadata"]["labels"].labels(),
                owner_place=root["metadata"]["name"].place,
                place=rule.place,
                expr_place=rule["expr"].place,
            )


def _expression(cursor: Cursor) -> str | Unknown:
    value = cursor.text_or_number()
    return str(value) if isinstance(value, int) else default(value, Unknown("the rule has no expression"))
