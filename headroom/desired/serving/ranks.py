"""What a replica's serving container runs: the engine, or one process of it for each GPU."""

from __future__ import annotations

from collections.abc import Mapping

from headroom.catalog.engines.model import Engine
from headroom.catalog.engines.needs import Ranks
from headroom.desired.serving.filling import filled
from headroom.settings.server import Server

POD_NAME = "POD_NAME"
"""Variable with the pod's own name, from which those of its group follow."""


def command_line(engine: Engine, server: Server, filling: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Command and arguments."""
    if engine.ranks and server.parallelism.gpus > 1:
        return list(engine.ranks.launcher), _launched(engine.ranks, server, filling)
    parallel = engine.parallel_arguments if engine.parallel_arguments and server.parallelism.gpus > 1 else ()
    arguments = [*(filled(argument, filling) for argument in (*engine.arguments, *parallel)), *server.arguments]
    return [filled(part, filling) for part in engine.command], arguments


def _launched(ranks: Ranks, server: Server, filling: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    if ranks.nodes and server.parallelism.nodes > 1:
        words += [filled(argument, {**filling, "hosts": _hosts(server)}) for argument in ranks.nodes.arguments]
    for rank in range(server.parallelism.gpus):
        own = {**filling, "rank": str(rank)}
        arguments = ranks.others if rank else ranks.first
        words += [
            *([ranks.separator] if rank else []),
            *ranks.section,
            *(filled(argument, own) for argument in arguments),
            *server.arguments,
        ]
    return words


def _hosts(server: Server) -> str:
    """A group's pods are called `NAME`, `NAME-1`, `NAME-2`, … (lws pkg/controllers/leaderworkerset_controller.go)."""
    names = [f"$({POD_NAME})", *(f"$({POD_NAME})-{index}" for index in range(1, server.parallelism.nodes))]
    return ",".join(f"{name}:{server.gpus}" for name in names)
