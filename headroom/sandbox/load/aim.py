"""Which Service a load goes to, and with which request: read from the stack that asks for the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.protocols import protocol
from headroom.sandbox.load.protocols.form import Call
from headroom.settings import InvalidStack, Stack, load


@dataclass(frozen=True)
class Aim:
    namespace: str
    service: str
    call: Call
    port: str
    """Name of the Service's port."""


def read_stack(clone: Clone, name: str) -> Stack:
    """The stack `name` of the clone. Raises `SandboxError` with what is wrong with its file."""
    try:
        return load(clone.stack_file(name))
    except InvalidStack as error:
        raise SandboxError(str(error)) from None


def aim(stack: Stack, server: str, options: Mapping[str, float] | None = None) -> Aim:
    """`options` are the protocol's, such as the length of prompts.

    Raises `SandboxError` for an unknown server, one of several models, an engine whose protocol is not spoken here, or an unknown option.
    """
    if server not in stack.servers:
        raise SandboxError(f"stack {stack.name} has no server {server!r}; its servers: {', '.join(stack.servers) or 'none'}")
    settings = stack.servers[server]
    spoken = protocol(settings.engine)
    model = settings.model or (_only_model(stack, server) if spoken.names_model else "")
    call = spoken.call(model, spoken.values(options or {}))
    return Aim(settings.namespace or stack.namespace, server, call, call.port)


def _only_model(stack: Stack, server: str) -> str:
    models = {path.partition("/")[0] for path in stack.model_files.get(server, {})}
    if len(models) != 1:
        raise SandboxError(f"servers.{server}: which model shall be asked? Name it as `model`; its files hold {len(models)} models")
    return models.pop()
