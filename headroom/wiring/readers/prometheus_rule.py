"""Rules: PrometheusRules, those of Google's managed Prometheus, and rule files: plain, in ConfigMaps, in the values of charts."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.document import Cursor, Document, ObjectRef
from headroom.wiring.facts import Rule
from headroom.wiring.readers.parts import embedded
from headroom.wiring.selectors import Labels
from headroom.wiring.values import Unknown, default

_GOOGLE = "monitoring.googleapis.com"
"""Managed Prometheus: GoogleCloudPlatform/prometheus-engine pkg/operator/apis/monitoring/v1/rules_types.go"""
_FILES = ("", "ConfigMap")
KINDS = {_FILES, ("monitoring.coreos.com", "PrometheusRule"), *((_GOOGLE, kind) for kind in ("Rules", "ClusterRules", "GlobalRules"))}


def read(document: Document) -> Iterator[Rule]:
    root = Cursor.of(document)
    metadata = root["metadata"]
    if (document.ref.group, document.ref.kind) == _FILES:
        yield from _of_files(document, metadata["name"])
    for group in root["spec"]["groups"].items():
        yield from _rules(group, document.ref, metadata["labels"].labels(), metadata["name"])


def _of_files(document: Document, name: Cursor) -> Iterator[Rule]:
    """Rule files that a Prometheus without the operator mounts."""
    for cursor, text in embedded.files(document, "groups:", "rules:", "expr:"):
        inner = embedded.opened(cursor, text)
        for group in inner["groups"].items() if inner else ():
            yield from _rules(group, document.ref, {}, name)


def read_values(document: Document) -> Iterator[Rule]:
    root = Cursor.of(document)
    of_server = [entry for _, entry in root["serverFiles"].pairs()]
    for group in (group for holder in (root, *of_server) for group in holder["groups"].items()):
        yield from _rules(group, document.ref, {}, group["name"])
    release = document.release or Unknown("the name of the Helm release is not in its values")
    for name, entry in _in_stack_values(root):
        ref = ObjectRef("monitoring.coreos.com/v1", "PrometheusRule", "", str(default(name.text(), "(known later)")))
        added = entry["additionalLabels"].labels()
        labels = added if isinstance(added, Unknown) else {"release": release, **added}
        for group in entry["groups"].items():
            yield from _rules(group, ref, labels, name)


def _in_stack_values(root: Cursor) -> Iterator[tuple[Cursor, Cursor]]:
    """The name and the content of each object that the chart makes of its values."""
    for key, entry in root["additionalPrometheusRulesMap"].pairs():
        yield Cursor(root.document, key, entry.path), entry
    for entry in root["additionalPrometheusRules"].items():
        yield entry["name"], entry


def _rules(group: Cursor, owner: ObjectRef, owner_labels: Labels, owner_name: Cursor) -> Iterator[Rule]:
    for rule in group["rules"].items():
        yield Rule(
            record=rule["record"].text(),
            alert=rule["alert"].text(),
            expr=_expression(rule["expr"]),
            labels=rule["labels"].labels(),
            owner=owner,
            owner_labels=owner_labels,
            owner_place=owner_name.place,
            place=rule.place,
            expr_place=rule["expr"].place,
            interval=group["interval"].duration(),
        )


def _expression(cursor: Cursor) -> str | Unknown:
    value = cursor.text_or_number()
    return str(value) if isinstance(value, int) else default(value, Unknown("the rule has no expression"))
