"""What a resource or function gives back: its own arguments, what the cloud's table says, and values made up for the rest."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from headroom.plugins.kubernetes.properties import UNKNOWN
from headroom.plugins.recording import sdk
from headroom.plugins.recording.arguments import check
from headroom.plugins.recording.sandbox import Sandbox


class NoAnswer(Exception):
    """A function that the tables do not answer."""


@dataclass(frozen=True)
class Made:
    """A resource as it is made: its logical name, and the arguments without what engine and provider add."""

    name: str
    arguments: Mapping[str, Any]
    sandbox: Sandbox


Outputs = Callable[[Made], dict[str, Any]]
"""What a cloud fills in; `id` is the resource's."""
Answer = Callable[[Mapping[str, Any], Sandbox], dict[str, Any]]


@dataclass(frozen=True)
class Cloud:
    """`outputs` and `answers` by token; `other` for resources outside the table; `renewed`: outputs that every update changes."""

    outputs: Mapping[str, Outputs]
    answers: Mapping[str, Answer]
    other: Callable[[str, Made], dict[str, Any]]
    renewed: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = field(default_factory=dict)


def planned(cloud: Cloud, token: str, resource: Made) -> dict[str, Any]:
    """Outputs of a new resource in a preview: what its cloud fills in is not known yet, inside of an argument as beside it."""
    results = sdk.resource(token).results
    filled_in = {name: UNKNOWN for name, found in results.items() if found.required}
    # Of the table only the names count here: what is not known yet may be any text.
    known = replace(resource, arguments=_known(resource.arguments))
    table = cloud.outputs[token](known) if token in cloud.outputs else {}
    inside = {name: _unknown(value) for name, value in table.items() if name in resource.arguments}
    return merged({**filled_in, **inside}, _echoed(resource.arguments, results))


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items()}
    return [_known(item) for item in value] if isinstance(value, list) else "unknown" if value is UNKNOWN else value


def _echoed(arguments: Mapping[str, Any], results: sdk.Fields) -> dict[str, Any]:
    """The arguments that are results too; Azure gives some back in another form, such as a list as a map."""
    return {name: value for name, value in arguments.items() if name not in results or not _is_other(name, value, results)}


def _is_other(name: str, value: Any, results: sdk.Fields) -> bool:
    return any(problem.kind == "type" for problem in check({name: value}, {name: results[name]}))


def _unknown(value: Any) -> Any:
    return {key: _unknown(item) for key, item in value.items()} if isinstance(value, dict) else UNKNOWN


def made(cloud: Cloud, token: str, resource: Made) -> tuple[str, dict[str, Any]]:
    """The id and the outputs of a new resource."""
    table = {**cloud.other(token, resource), **(cloud.outputs[token](resource) if token in cloud.outputs else {})}
    identity = table.pop("id")
    results = sdk.resource(token).results
    outputs = merged(_echoed(resource.arguments, results), table)
    given = {name: value for name, value in outputs.items() if name in results or name in resource.arguments}
    return identity, _whole(given, results, resource.name)


def updated(cloud: Cloud, token: str, resource: Made, old: Mapping[str, Any], *, preview: bool) -> dict[str, Any]:
    """Outputs after an update: what its cloud filled in stays, but for what every update changes, unknown before it is done."""
    results = sdk.resource(token).results
    table = cloud.outputs[token](resource) if token in cloud.outputs else {}
    inside = {name: value for name, value in table.items() if name in results and name in resource.arguments}
    changed = cloud.renewed[token](old) if token in cloud.renewed else {}
    return merged({**old, **_echoed(resource.arguments, results)}, {**inside, **(dict.fromkeys(changed, UNKNOWN) if preview else changed)})


def answered(cloud: Cloud, token: str, arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    """Raises `NoAnswer`."""
    if token not in cloud.answers:
        raise NoAnswer(f"no recorded answer of {token}: add one to headroom/plugins/recording/clouds")
    results = sdk.function(token).results
    echoed = {name: value for name, value in arguments.items() if name in results}
    return _whole({**echoed, **cloud.answers[token](arguments, sandbox)}, results, token.rpartition(":")[2])


def merged(values: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with those of `over`, object by object."""
    common = [key for key in values.keys() & over.keys() if isinstance(values[key], dict) and isinstance(over[key], dict)]
    return {**values, **over, **{key: merged(values[key], over[key]) for key in common}}


def _whole(given: Mapping[str, Any], results: sdk.Fields, name: str) -> dict[str, Any]:
    made_up = {each: _made_up(found.types, f"{name}-{each}") for each, found in results.items() if found.required and each not in given}
    return {**made_up, **given}


def _made_up(types: Sequence[Any], text: str) -> Any:
    """A value of the first type that says by itself what it is: nothing that a program could take for a cloud's answer."""
    type_: Any = types[0] if types else Any
    origin = typing.get_origin(type_)
    if origin is not None:
        return {} if issubclass(origin, Mapping) else []
    if sdk.is_object(type_):
        return _whole({}, sdk.fields(type_), text)
    if inspect.isclass(type_) and issubclass(type_, Enum):
        return next(iter(type_)).value
    return {bool: False, int: 0, float: 0.0}.get(type_, f"recorded-{text}")
