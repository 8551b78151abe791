"""What an installed SDK says of its resources and functions: arguments and results with their types."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import re
import sys
import threading
import types
import typing
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import pulumi
from pulumi import _types

_LOCAL = {"Output": pulumi.Output, "T": Any}
"""What the hints of `pulumi.Input` name and the SDKs' own modules do not have."""
# In the variant of a function that takes Outputs, an argument that may be left out is optional twice.
_OPTIONAL = re.compile(r"(\w+): pulumi\.Input\[Optional\[Optional\[")
_ASSIGNED = re.compile(r"__args__\['(\w+)'\] = (\w+)")

_LOADING = threading.RLock()
"""The SDKs' modules load themselves when they are first looked at, and half a module has no resources for whoever looks meanwhile."""


class NoSuchToken(Exception):
    """The SDK has no resource or function of that name."""


@dataclass(frozen=True)
class Field:
    """`types`: what a value may be, any one of them; `required`: it is always there."""

    types: tuple[Any, ...]
    required: bool


Fields = Mapping[str, Field]
"""By the name that the provider uses, which is the one in camelCase."""


@dataclass(frozen=True)
class Signature:
    arguments: Fields
    results: Fields


@cache
def resource(token: str) -> Signature:
    """Of a resource such as `aws:eks/nodeGroup:NodeGroup`. Raises `NoSuchToken`."""
    package, module, name = _parts(token)
    made = getattr(_module(package, module, token), name, None)
    if made is None or not issubclass(made, pulumi.CustomResource) or getattr(made, "pulumi_type", None) != token:
        raise NoSuchToken(f"{package} {version(package)} has no resource {token}")
    described = vars(sys.modules[made.__module__])
    # Where a part of another resource has the name already, the resource's own arguments have the longer one.
    arguments = described.get(f"{name}InitArgs") or described[f"{name}Args"]
    return Signature(fields(arguments), _results(made, _types.resource_py_to_pulumi_names(made)))


@cache
def function(token: str) -> Signature:
    """Of a function such as `aws:eks/getCluster:getCluster`. Raises `NoSuchToken`."""
    package, module, name = _parts(token)
    called = getattr(_module(package, module, token), _snake(name), None)
    source = inspect.getsource(called) if inspect.isfunction(called) else ""
    if called is None or f"'{token}'" not in source:
        raise NoSuchToken(f"{package} {version(package)} has no function {token}")
    hints = typing.get_type_hints(called, localns=_LOCAL)
    names = {python: name for name, python in _ASSIGNED.findall(source)}
    optional = set(_OPTIONAL.findall(inspect.getsource(vars(sys.modules[called.__module__])[f"{called.__name__}_output"])))
    arguments = {names[python]: Field(alternatives(hint), python not in optional) for python, hint in hints.items() if python in names}
    return Signature(arguments, fields(hints["return"].__mro__[1]))


@cache
def provider(package: str) -> Signature:
    """Of the provider itself: its configuration."""
    found = importlib.import_module(_import_name(package))
    return Signature(fields(found.ProviderArgs), {})


@cache
def version(package: str) -> str:
    return importlib.metadata.version(f"pulumi-{package}")


@cache
def fields(cls: type) -> Fields:
    """Of a class that describes an object: an argument of a resource, or a part of what it returns."""
    if _types.is_output_type(cls):
        return _results(cls, {name: pulumi_name for name, pulumi_name, _ in _types._py_properties(cls)})
    parameters = inspect.signature(cls.__init__).parameters
    hints = typing.get_type_hints(cls.__init__, vars(sys.modules[cls.__module__]), _LOCAL)
    names = _types.input_type_py_to_pulumi_names(cls)
    return {
        pulumi_name: Field(alternatives(hints[python]), parameters[python].default is inspect.Parameter.empty)
        for python, pulumi_name in names.items()
    }


def is_object(cls: Any) -> bool:
    return inspect.isclass(cls) and (_types.is_input_type(cls) or _types.is_output_type(cls))


def _results(cls: type, names: Mapping[str, str]) -> Fields:
    found = {}
    for python, pulumi_name in names.items():
        getter = inspect.getattr_static(cls, python).fget
        hint = typing.get_type_hints(getter, vars(sys.modules[cls.__module__]), _LOCAL).get("return", Any)
        found[pulumi_name] = _field(hint)
    return found


def _field(hint: Any) -> Field:
    return Field(alternatives(hint), not _is_optional(hint))


def _is_optional(hint: Any) -> bool:
    if hint is type(None):
        return True
    arguments = typing.get_args(hint)
    return (_is_union(hint) or typing.get_origin(hint) is pulumi.Output) and any(map(_is_optional, arguments))


def alternatives(hint: Any) -> tuple[Any, ...]:
    """The types that a value on the wire may have: no Outputs, no promises, no dictionaries beside the classes they stand for."""
    if typing.get_origin(hint) is pulumi.Output:
        return alternatives(*typing.get_args(hint))
    if not _is_union(hint):
        return () if hint is type(None) or typing.is_typeddict(hint) or typing.get_origin(hint) is Awaitable else (hint,)
    found = [each for part in typing.get_args(hint) if typing.get_origin(part) is not pulumi.Output for each in alternatives(part)]
    enums = [each for each in found if inspect.isclass(each) and issubclass(each, Enum)]
    # Where the values are named, any other text is a mistake.
    return tuple(dict.fromkeys(each for each in found if not (enums and each is str)))


def _is_union(hint: Any) -> bool:
    return isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union


def _parts(token: str) -> tuple[str, str, str]:
    package, module, name = token.split(":")
    return package, module.partition("/")[0], name


def _module(package: str, module: str, token: str) -> Any:
    name = _import_name(package)
    try:
        with _LOADING:
            found = importlib.import_module(name if module == "index" else f"{name}.{_snake(module)}")
            hasattr(found, name)
            return found
    except ImportError:
        raise NoSuchToken(f"{package} {version(package)} has no module {module}: {token}") from None


def _import_name(package: str) -> str:
    return f"pulumi_{package.replace('-', '_')}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
