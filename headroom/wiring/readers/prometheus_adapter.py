"""prometheus-adapter's rules: its `config.yaml` in a ConfigMap, and the values of its Helm chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from headroom.wiring.adapter_defaults import DEFAULT_RULES
from headroom.wiring.document import Cursor, Document, known
from headroom.wiring.facts import Adapter, AdapterRule
from headroom.wiring.readers.parts import embedded
from headroom.wiring.values import Unknown, default

KINDS = {("", "ConfigMap")}


def read(document: Document) -> Iterator[Adapter]:
    for cursor, text in embedded.files(document, "seriesQuery", "metricsQuery"):
        yield _from_text(cursor, text)


def read_values(document: Document) -> Iterator[Adapter]:
    root = Cursor.of(document)
    rules = root["rules"]
    if not _is_adapter(root):
        return
    defaults = DEFAULT_RULES if default(rules["default"].flag(), True) is not False else ()
    custom = [*(Cursor(document, body, ("rules",)) for body in defaults), *rules["custom"].items()]
    found = _adapter(rules, custom, list(rules["external"].items()), complete=not rules["existing"].exists)
    yield replace(found, asks=(_url(root["prometheus"]), root["prometheus"].place))


def _url(prometheus: Cursor) -> str | Unknown:
    """prometheus-community/helm-charts charts/prometheus-adapter values.yaml and templates/deployment.yaml."""
    parts = (
        default(prometheus["url"].text(), "http://prometheus.default.svc"),
        default(prometheus["port"].text_or_number(), 9090),
        default(prometheus["path"].text(), ""),
    )
    hole = next((part for part in parts if isinstance(part, Unknown)), None)
    url, port, path = parts
    if hole is not None:
        return hole
    return f"{url}{path}" if port in (0, "") else f"{url}:{port}{path}"


def _adapter(holder: Cursor, custom: list[Cursor], external: list[Cursor], *, complete: bool) -> Adapter:
    rules = [*(_readable(cursor, "custom") for cursor in custom), *(_readable(cursor, "external") for cursor in external)]
    return Adapter(holder.place, tuple(rule for rule in rules if rule), complete and all(rules))


def _is_adapter(root: Cursor) -> bool:
    """Values say nowhere which chart they are for: these keys are this chart's own."""
    prometheus = [key for key, _ in root["prometheus"].pairs()]
    has_rules = any(root["rules"][key].exists for key in ("custom", "external", "default", "existing", "resource"))
    return has_rules or ("url" in prometheus and set(prometheus) <= {"url", "port", "path"})


def _from_text(cursor: Cursor, text: str) -> Adapter:
    inner = embedded.opened(cursor, text)
    if inner is None:
        return Adapter(cursor.place, (), complete=False)
    return _adapter(cursor, list(inner["rules"].items()), list(inner["externalRules"].items()), complete=True)


def _readable(cursor: Cursor, api: Literal["custom", "external"]) -> AdapterRule | None:
    try:
        return _rule(cursor, api)
    except _Hole:
        return None


class _Hole(Exception):
    """A part of a rule is not known."""


def _rule(cursor: Cursor, api: Literal["custom", "external"]) -> AdapterRule:
    resources = cursor["resources"]
    if any(isinstance(known(part.value), Unknown) for part in (cursor, resources, resources["overrides"], cursor["name"])):
        raise _Hole
    return AdapterRule(
        api=api,
        series_query=_text(cursor["seriesQuery"]),
        filters=tuple(_filter(entry) for entry in cursor["seriesFilters"].items()),
        overrides={label: _text(entry["resource"]) for label, entry in resources["overrides"].pairs()},
        template=_text(resources["template"]),
        name_matches=_text(cursor["name"]["matches"]),
        name_as=_text(cursor["name"]["as"]),
        metrics_query=_text(cursor["metricsQuery"]),
        place=cursor.place,
    )


def _filter(cursor: Cursor) -> tuple[Literal["is", "isNot"], str]:
    return ("is", _text(cursor["is"])) if cursor["is"].exists else ("isNot", _text(cursor["isNot"]))


def _text(cursor: Cursor) -> str:
    value = cursor.raw()
    if isinstance(value, Unknown):
        raise _Hole
    return value or ""
