"""The values of one server that an engine's texts leave open."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from headroom.catalog.engines.model import Engine
from headroom.catalog.engines.needs import Preparation
from headroom.catalog.names import prepared_name
from headroom.settings.server import Server


def values(engine: Engine, server: Server) -> Mapping[str, str]:
    """By the names that `catalog.engines.model.Engine` lists."""
    uri = server.models.uri if server.models else None
    options = {name: server.options.get(name, option.default) for name, option in engine.options.items()}
    known = {
        "models": uri or engine.model_directory,
        "model": server.model or "",
        "cache": engine.cache.path if engine.cache else "",
        "exit": str(engine.exit_seconds),
        "gpus": str(server.gpus),
        "tensor": str(server.parallelism.tensor),
        "pipeline": str(server.parallelism.pipeline),
        "nodes": str(server.parallelism.nodes),
        "memory": server.resources.memory,
        "product": ",".join(server.gpu_products),
        **{name: _text(value) for name, value in options.items()},
    }
    if engine.preparation and engine.cache:
        known["prepared"] = f"{engine.cache.path}/{prepared_name(known['model'], made_from(server, engine.preparation, known))}"
    return known


def made_from(server: Server, preparation: Preparation, filling: Mapping[str, str]) -> Mapping[str, str]:
    """What the result of a preparation depends on. The image is the engine's version."""
    return {"image": server.image, **{fact: filling[fact] for fact in preparation.key}}


def filled(text: str, filling: Mapping[str, str]) -> str:
    """A text of the catalogue: raises `KeyError` for a name that nothing fills."""
    return Template(text).substitute(filling)


def filled_where_known(text: str, filling: Mapping[str, str]) -> str:
    """A text that may be a user's: other words after a dollar are left alone, for they are a shell's."""
    return Template(text).safe_substitute(filling)


def _text(value: str | int | bool) -> str:
    """As programs spell it: Python's True is nobody else's."""
    return str(value).lower() if isinstance(value, bool) else str(value)
