"""The JSON schema of a stack file, made from the settings and from what the catalogue knows: an editor completes and checks with it.

It says what one place of a file can say by itself; what must hold between places only `headroom.settings.load` judges.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import EngineFamily, spelled
from headroom.catalog.machines import machines
from headroom.catalog.signals import SIGNALS, Signal
from headroom.settings.base import DURATION, Name, NamespaceName, Settings
from headroom.settings.cluster import Cluster
from headroom.settings.credentials import Credentials
from headroom.settings.foreign import NAMESPACES, OF_PULUMI, PROJECT
from headroom.settings.namespaces import Namespace
from headroom.settings.platform import AddOn, Mode, Platform
from headroom.settings.pool import Pool
from headroom.settings.scaling import offered
from headroom.settings.server import Server
from headroom.settings.stack import DEFAULT_NAMESPACE
from headroom.settings.targets import FORMS

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DURATIONS = {
    "duration": "`500ms`, `15s`, `10m`, `1h` or a bare number of seconds",
    "whole seconds": "a duration without fractions of a second",
}

_LEFT_BEHIND = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}
"""Bounds that the generator writes in pydantic's words, because text may stand where the number does."""

_MODE = {"enum": [str(mode) for mode in Mode], "description": "short for its mode"}
_SHORT_FORMS: dict[str, Schema] = {
    **{addon.__name__: _MODE for addon in AddOn.__subclasses__()},
    "Sharing": {"const": "none", "description": "short for not shared"},
    "Grafana": {"enum": ["helm", "none"], "description": "short for its mode"},
    **{f"{cloud}Creation": {"const": True, "description": "short for every default"} for cloud in ("Eks", "Gke", "Aks")},
    "Models": {"type": "string", "description": "a directory, or a URI where it has a scheme"},
}


class Config(Settings):
    """What a stack file says below `config`. The prefix `headroom:` may be left out. Beside these keys, those with the prefix of a
    package that the program uses, or of Pulumi itself, are left to them: `aws:`, `azure-native:`, `gcp:`, `kubernetes:` and `pulumi:`. Any
    other key is refused, and so is any at the top of the file that Pulumi does not know: it would be passed over in silence."""

    cluster: Cluster = Field(description="the cluster")
    namespace: NamespaceName = Field(default=DEFAULT_NAMESPACE, description="namespace of the servers that name none")
    namespaces: dict[NamespaceName, Namespace] = Field(default_factory=dict, description="shares of the cluster by namespace")
    pools: dict[Name, Pool] = Field(default_factory=dict, description="GPU nodes by pool")
    platform: Platform = Field(default_factory=Platform, description="the platform's add-ons")
    servers: dict[Name, Server] = Field(default_factory=dict, description="model servers by name")
    credentials: Credentials = Field(default_factory=dict, description="secrets by name, each set by `pulumi config set --secret --path`")


class _Generator(GenerateJsonSchema):
    """No titles made from field names: those that are left name a type."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def config_schema() -> Schema:
    """The schema of what stands below `config`, each part of it below `$defs`."""
    schema = _settled(Config.model_json_schema(schema_generator=_Generator))
    parts = schema["$defs"]
    parts["Server"]["properties"]["engine"]["enum"] = list(ENGINES)
    parts["Server"]["allOf"] = [_signals_of(engine) for engine in ENGINES]
    parts["Pool"]["properties"]["machine"]["oneOf"][0]["enum"] = sorted(machines())
    signals = parts["Autoscaling"]["properties"]["signals"]
    target = signals.pop("additionalProperties")
    signals["properties"] = {signal.name: target | _described(signal) for signal in SIGNALS.values()}
    return schema


def stack_schema() -> Schema:
    """The schema of a whole stack file, draft 2020-12."""
    config = config_schema()
    parts = config.pop("$defs")
    for name, short in _SHORT_FORMS.items():
        parts[name] = {"description": parts[name]["description"], "anyOf": [short, parts[name]]}
    settings = config["properties"]
    config |= {
        "properties": {
            **{f"{PROJECT}:{key}": setting for key, setting in settings.items()},
            **{key: {"$ref": f"#/properties/config/properties/{PROJECT}:{key}"} for key in settings},
        },
        "patternProperties": {f"^({'|'.join(NAMESPACES)}):": {}},
        "anyOf": [{"required": [f"{PROJECT}:cluster"]}, {"required": ["cluster"]}],
    }
    del config["required"]
    top = {key: {} for key in OF_PULUMI} | {"config": config}
    return {"$schema": DRAFT, "type": "object", "properties": top, "additionalProperties": False, "required": ["config"], "$defs": parts}


def _described(signal: Signal) -> Schema:
    engines = [_with_version(family, signal.name) for family in ENGINES.values() if signal.name in offered(family)]
    by = "every engine" if len(engines) == len(ENGINES) and signal.resource else ", ".join(engines)
    meaning = f"{signal.meaning}; {signal.across_pods} across pods. Target: {signal.advice}. Offered by: {by}"
    return {"title": FORMS[signal.unit], "description": meaning}


def _with_version(family: EngineFamily, signal: str) -> str:
    since = family.signals.get(signal)
    return f"{family.name} (from {spelled(since)})" if since else family.name


def _signals_of(engine: str) -> Schema:
    known = {"propertyNames": {"enum": list(offered(ENGINES[engine]))}}
    return {
        "if": {"properties": {"engine": {"const": engine}}},
        "then": {"properties": {"autoscaling": {"properties": {"signals": known}}}},
    }


def _settled(node: Any) -> Any:
    """The generated schema with durations as they are written, and optional settings left out rather than null."""
    if isinstance(node, list):
        return [_settled(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    node = {key: _settled(value) for key, value in node.items() if key != "discriminator"}
    if "properties" in node or "enum" in node:
        node.pop("title", None)
    if "patternProperties" in node:
        node["additionalProperties"] = False
    if {"type": "null"} in node.get("anyOf", []):
        choices = [choice for choice in node.pop("anyOf") if choice != {"type": "null"}]
        node |= choices[0] if len(choices) == 1 else {"anyOf": choices}
        del node["default"]
    if node.get("title") in DURATIONS and "anyOf" not in node:
        number = {key: node.pop(key) for key in ("type", *_LEFT_BEHIND.values()) if key in node}
        number = {_LEFT_BEHIND[key]: node.pop(key) for key in _LEFT_BEHIND if key in node} | number
        node["anyOf"] = [{"type": "string", "pattern": f"^{DURATION.pattern}$"}, number]
    return node
