"""The reference of every setting, docs/settings.md, made from the schema and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headroom.catalog.machines import Machine, machines
from headroom.settings.base import FORMS
from headroom.settings.schema import DURATIONS, Schema, config_schema

_HEAD = """# Settings

Every key of a stack file, `stacks/Pulumi.<stack>.yaml`, generated from the settings' models by `headroom schema`. The keys at the top stand
below `config:` with the prefix `headroom:`. `NAME` is a name of your choice. An editor that reads the first line of a stack file completes
and checks all of this from `stacks/schema.json`.
"""

_MACHINES = (
    "What the catalogue knows (`headroom/catalog/machines`, with the sources of shapes and prices). Prices are USD per hour in one region "
    "of each cloud: " + "; ".join(sorted({f"{m.cloud} {m.price_source}" for m in machines().values()})) + ". Machines with a part of a "
    "GPU are listed because they are refused with a reason."
)
_OF_A_MACHINE = ("machine", "cloud", "GPUs", "memory of each", "compute capability", "vCPUs", "memory", "processor", "on demand", "spot")
_MANY = 8
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}


def markdown() -> str:
    """The page."""
    schema = config_schema()
    parts = schema["$defs"]
    sections = list(_sections("config", schema, parts))
    lines = [_HEAD]
    for path, part in sections:
        rows = [_row(key, setting, key in part.get("required", ()), parts) for key, setting in part["properties"].items()]
        lines += [f"## {path}", "", part["description"], "", *_table(("key", "type", "default", "meaning"), rows), ""]
    forms = DURATIONS | {title: words for _, part in sections for title, words in _forms(part)}
    lines += ["## Types", "", *_table(("type", "written as"), forms.items()), ""]
    lines += ["## Machines", "", _MACHINES, "", *_table(_OF_A_MACHINE, _machines()), ""]
    return "\n".join(lines)


def _sections(path: str, part: Schema, parts: Schema) -> Iterator[tuple[str, Schema]]:
    """Each mapping of the file with the path that leads to it, outer ones first."""
    yield path, part
    for key, setting in part["properties"].items():
        below = key if path == "config" else f"{path}.{key}"
        for choice in setting.get("oneOf", [setting]):
            if (found := _resolved(choice, parts)).get("properties"):
                provider = found["properties"].get("provider")
                yield from _sections(f"{below}: {provider['const']}" if provider else below, found, parts)
        for named in (setting.get("patternProperties") or {}).values():
            if (found := _resolved(named, parts)).get("properties"):
                yield from _sections(f"{below}.NAME", found, parts)


def _resolved(setting: Schema, parts: Schema) -> Schema:
    return parts[setting["$ref"].rpartition("/")[2]] if "$ref" in setting else setting


def _forms(part: Schema) -> Iterator[tuple[str, str]]:
    """The titles of the types of text in `part`, and what such a text must be."""
    for setting in part["properties"].values():
        for choice in (setting, *setting.get("anyOf", ())):
            if "title" in setting and choice.get("pattern") in FORMS:
                yield setting["title"], FORMS[choice["pattern"]]


def _row(key: str, setting: Schema, required: bool, parts: Schema) -> tuple[str, ...]:
    default = setting.get("default")
    default = str(default).lower() if isinstance(default, bool) else default
    unit = "s" if setting.get("title") in DURATIONS else ""
    shown = "required" if required else f"`{default}{unit}`" if isinstance(default, str | int | float) else ""
    return f"`{key}`", _type(setting, parts), shown, setting.get("description", "")


def _type(setting: Schema, parts: Schema) -> str:
    resolved = _resolved(setting, parts)
    if "const" in resolved or "enum" in resolved:
        values = resolved.get("enum", [resolved.get("const")])
        return " or ".join(f"`{value}`" for value in values) if len(values) <= _MANY else "one of those below"
    if "title" in setting:
        return ", ".join([setting["title"], *_bounds(setting)])
    if any(choice.get("type") == "string" for choice in setting.get("oneOf", ())):
        return "text or mapping"
    if "oneOf" in setting or resolved.get("type") == "object" or "anyOf" in setting:
        return "mapping"
    return {"array": "list of text", "string": "text", "boolean": "`true` or `false`"}[resolved["type"]]


def _bounds(setting: Schema) -> Iterator[str]:
    """The bounds of a number, in seconds for a duration; at least 0 goes without saying."""
    unit = " s" if setting["title"] in DURATIONS else ""
    for number in setting.get("anyOf", [setting]):
        for keyword, words in _BOUNDS.items():
            if keyword in number and (keyword, number[keyword]) != ("minimum", 0):
                yield f"{words} {number[keyword]:g}{unit}"


def _machines() -> list[tuple[str, ...]]:
    return [
        (
            f"`{m.name}`",
            m.cloud or "",
            _gpus(m),
            f"{m.gpu_memory_mib} MiB",
            ".".join(map(str, m.capability)),
            str(m.vcpus),
            f"{m.memory_gib} GiB",
            m.architecture,
            _usd(m.hourly_usd),
            _usd(m.spot_hourly_usd),
        )
        for m in machines().values()
    ]


def _usd(price: float | None) -> str:
    return "unknown" if price is None else f"{price:g}"


def _gpus(machine: Machine) -> str:
    return f"{machine.fraction or machine.gpus} × {machine.gpu}"


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
