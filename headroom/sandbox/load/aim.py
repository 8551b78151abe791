"""Which Service a load goes to, and with which request: read from the stack that asks for the server."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.paths import Clone
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.protocols import Request, request
from headroom.settings import InvalidStack, Stack, load


@dataclass(frozen=True)
class Aim:
    namespace: str
    service: str
    request: Request


def read_stack(clone: Clone, name: str) -> Stack:
    """The stack `name` of the clone. Raises `SandboxError` with what is wrong with its file."""
    try:
        return load(clone.stack_file(name))
    except InvalidStack as error:
        raise SandboxError(str(error)) from None


def aim(stack: Stack, server: str) -> Aim:
    """Raises `SandboxError` for an unknown server, one of several models, or an engine whose protocol is not spoken here."""
    if server not in stack.servers:
        raise SandboxError(f"stack {stack.name} has no server {server!r}; its servers: {', '.join(stack.servers) or 'none'}")
    settings = stack.servers[server]
    models = {path.partition("/")[0] for path in stack.model_files.get(server, {})}
    if settings.model is None and len(models) != 1:
        raise SandboxError(f"servers.{server}: which model shall be asked? Name it as `model`; its files hold {len(models)} models")
    return Aim(settings.namespace or stack.namespace, server, request(settings.engine, settings.model or models.pop()))
