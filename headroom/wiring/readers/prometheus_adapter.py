"""prometheus-adapter's rules: its `config.yaml` in a ConfigMap, and the values of its Helm chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from headroom.wiring.adapter_defaults import DEFAULT_RULES
from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Adapter, AdapterRule
from headroom.wiring.source import UnreadableInput, read_text
from headroom.wiring.values import Unknown, default

KINDS = {("", "ConfigMap")}


def read(document: Document) -> Iterator[Adapter]:
    for key, cursor in Cursor.of(document)["data"].pairs():
        text = cursor.raw()
        if key.endswith((".yaml", ".yml")) and text and "seriesQuery" in text and "metricsQuery" in text:
            yield _from_text(cursor, text)


def read_values(document: Document) -> Iterator[Adapter]:
    root = Cursor.of(document)
    rules = root["rules"]
    if not _is_adapter(root):
        return
    custom = [_rule(cursor, "custom") for cursor in rules["custom"].items()]
    external = [_rule(cursor, "external") for cursor in rules["external"].items()]
    if default(rules["default"].flag(), True) is not False:
        custom = [*(_rule(Cursor(document, body, ("rules",)), "custom") for body in DEFAULT_RULES), *custom]
    yield Adapter(rules.place, (*custom, *external), complete=not rules["existing"].raw())


def _is_adapter(root: Cursor) -> bool:
    """Values say nowhere which chart they are for: these keys are this chart's own."""
    prometheus = [key for key, _ in root["prometheus"].pairs()]
    has_rules = any(root["rules"][key].exists for key in ("custom", "external", "default", "existing", "resource"))
    return has_rules or ("url" in prometheus and set(prometheus) <= {"url", "port", "path"})


def _from_text(cursor: Cursor, text: str) -> Adapter:
    try:
        documents = read_text(text)
    except UnreadableInput:
        return Adapter(cursor.place, (), complete=False)
    inner = _inside(cursor, documents[0]) if documents else cursor
    custom = [_rule(rule, "custom") for rule in inner["rules"].items()]
    external = [_rule(rule, "external") for rule in inner["externalRules"].items()]
    return Adapter(cursor.place, (*custom, *external))


def _inside(cursor: Cursor, text: Document) -> Cursor:
    """A YAML text inside a document, its lines counted on from the key that holds it, as in a literal block."""
    start = cursor.place.line
    moved = {} if start is None else {(*cursor.path, *path): start + line for path, line in text.lines.items()}
    return Cursor(replace(cursor.document, lines={**cursor.document.lines, **moved}), text.body, cursor.path)


def _rule(cursor: Cursor, api: Literal["custom", "external"]) -> AdapterRule:
    resources = cursor["resources"]
    return AdapterRule(
        api=api,
        series_query=default(cursor["seriesQuery"].raw(), Unknown("the rule has no seriesQuery")),
        filters=tuple(_filter(entry) for entry in cursor["seriesFilters"].items()),
        overrides={label: str(entry["resource"].raw() or "") for label, entry in resources["overrides"].pairs()},
        template=resources["template"].raw(),
        name_matches=cursor["name"]["matches"].raw() or "",
        name_as=cursor["name"]["as"].raw() or "",
        metrics_query=default(cursor["metricsQuery"].raw(), Unknown("the rule has no metricsQuery")),
        place=cursor.place,
    )


def _filter(cursor: Cursor) -> tuple[Literal["is", "isNot"], str]:
    wanted = cursor["is"].raw()
    return ("is", wanted) if wanted is not None else ("isNot", cursor["isNot"].raw() or "")
