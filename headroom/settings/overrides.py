"""What a server adds to its engine's own arguments and environment: what is refused there, and the name that it gives its model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from headroom.catalog.engines.model import Engine
from headroom.settings.base import FORMS, MODEL
from headroom.settings.problems import Path, Problem
from headroom.settings.server import Server

_ARGUMENT = "is set by the program already, and probes and monitors depend on it"
_VARIABLE = "is set by the program already, and probes, monitors or volumes depend on it"


def overrides(path: Path, server: Server, engine: Engine) -> Iterator[Problem]:
    """What would undo what the program relies on. `path` is the server's."""
    own = {_flag(argument) for argument in engine.arguments}
    for index, argument in enumerate(server.arguments):
        if _flag(argument) in own:
            yield Problem((*path, "arguments", index), _ARGUMENT)
        elif _flag(argument) in engine.blinding:
            yield Problem((*path, "arguments", index), "stops the metrics that the signals are made of: leave it out")
    for variable in server.environment:
        if variable in engine.environment:
            yield Problem((*path, "environment", variable), _VARIABLE)
    served = served_name(server, engine)
    if served is not None and not re.fullmatch(MODEL, served):
        yield Problem((*path, "model"), f"is served under another name, which must be {FORMS[MODEL]}")


def served_name(server: Server, engine: Engine) -> str | None:
    """What requests and metrics call the server's `model`; None where it names none."""
    given = engine.served_as
    if server.model is None or given is None:
        return server.model
    of_variable = server.environment.get(given.variable, "") if given.variable else ""
    return _value(server.arguments, given.argument) or of_variable.partition(",")[0].strip() or server.model


def _value(arguments: Sequence[str], flag: str) -> str:
    """The value of an argument, or the first of several; of an argument that comes twice the last counts."""
    found = ""
    for argument, following in pairwise((*arguments, "")):
        if _flag(argument) == flag:
            found = argument.partition("=")[2] or following
    return found


def _flag(argument: str) -> str:
    """Parsers of Python take underscores for hyphens in the name of an argument."""
    return argument.partition("=")[0].replace("_", "-")
