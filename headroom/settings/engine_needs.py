"""What an engine needs of the server that runs it: models, a model's name, credentials, its own options, GPUs that fit together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import Template

from headroom.catalog.engines.model import Engine
from headroom.catalog.engines.needs import Option
from headroom.settings.problems import Path, Problem
from headroom.settings.server import Server


def engine_needs(path: Path, server: Server, engine: Engine, credentials: frozenset[str] | None) -> Iterator[Problem]:
    """`credentials` are the names of those that the stack has, None where that cannot be told."""
    if engine.needs_models and server.models is None:
        yield Problem((*path, "models"), f"is required: {engine.title} is to be told where its models are")
    if not engine.needs_models and server.models is not None:
        yield Problem((*path, "models"), f"{engine.title} has its models in its image or fetches them: leave models out")
    if engine.needs_model and server.model is None:
        yield Problem((*path, "model"), f"is required: {engine.title} serves the one model that is named")
    if server.cache is not None and engine.cache is None:
        yield Problem((*path, "cache"), f"{engine.title} fetches and builds nothing: leave cache out")
    if server.cache is None and engine.preparation is not None:
        yield Problem(
            (*path, "cache"),
            f"is required: {engine.title} needs {engine.cache.holds if engine.cache else 'what'} prepared once, "
            "and every replica would do it again without a place to keep them",
        )
    if engine.preparation and "product" in engine.preparation.key and len(server.gpu_products) != 1:
        yield Problem(
            (*path, "gpuProducts"),
            f"must name one kind of GPU: what is prepared for {engine.title} fits that kind alone; "
            "for a second kind make a second server, and name it in route.also of the first",
        )
    yield from _load((*path, "load"), server, engine)
    yield from _credentials(path, engine, credentials)
    yield from _options((*path, "options"), server, engine)
    yield from _parallelism(path, server, engine)


def _load(path: Path, server: Server, engine: Engine) -> Iterator[Problem]:
    load = server.load
    if load is None:
        return
    if load.image is None and engine.client is None:
        yield Problem((*path, "image"), f"is required: there is no published client for {engine.title}; its page says how it is spoken to")
    elif load.image is None and load.command:
        yield Problem((*path, "command"), "is the client's own: name another image with it, or leave it out")
    published = engine.client.arguments if engine.client and load.image is None else ()
    if server.model is None and _names_model((*published, *load.command, *load.arguments)):
        yield Problem((*path[:-1], "model"), "is required by load: the client names the model that it asks for")


def _names_model(words: Iterable[str]) -> bool:
    return any("model" in Template(word).get_identifiers() for word in words)


def _credentials(path: Path, engine: Engine, credentials: frozenset[str] | None) -> Iterator[Problem]:
    if credentials is None:
        return
    for use in engine.secrets:
        if use.required and use.credential not in credentials:
            yield Problem(
                ("credentials", use.credential),
                f"is required by {'.'.join(map(str, path))}: {engine.title} reads it as {use.key}; "
                f"set it with `pulumi config set --secret --path headroom:credentials.{use.credential}`",
            )


def _options(path: Path, server: Server, engine: Engine) -> Iterator[Problem]:
    for name, value in server.options.items():
        option = engine.options.get(name)
        if option is None:
            known = ", ".join(engine.options) or "none"
            yield Problem((*path, name), f"is not an option of {engine.name}; it has: {known}")
        elif wrong := _wrong(option, value):
            yield Problem((*path, name), wrong)


def _wrong(option: Option, value: str | int | bool) -> str | None:
    if type(value) is not type(option.default):
        return f"must be {_KINDS[type(option.default)]}"
    if option.choices and value not in option.choices:
        return f"must be one of {', '.join(option.choices)}"
    if isinstance(value, int) and option.minimum is not None and value < option.minimum:
        return f"must be at least {option.minimum}"
    if isinstance(value, int) and option.maximum is not None and value > option.maximum:
        return f"must be at most {option.maximum}"
    return None


_KINDS = {str: "text", int: "a whole number", bool: "true or false"}


def _parallelism(path: Path, server: Server, engine: Engine) -> Iterator[Problem]:
    wanted = server.parallelism
    if wanted.gpus > 1 and engine.parallel_arguments is None and engine.ranks is None:
        yield Problem((*path, "parallelism"), f"{engine.title} serves a model on one GPU: leave parallelism out")
    elif wanted.nodes > 1 and (engine.ranks is None or engine.ranks.nodes is None):
        yield Problem((*path, "parallelism", "nodes"), f"{engine.title} serves a model on one node: leave nodes out")
    elif wanted.gpus > 1 and server.gpus != wanted.gpus // wanted.nodes:
        yield Problem(
            (*path, "gpus"),
            f"must be {wanted.gpus // wanted.nodes}: tensor × pipeline is {wanted.gpus} GPUs on {wanted.nodes} node(s)",
        )
