"""Which server a scenario is about: read from the stack that asks for it."""

from __future__ import annotations

from headroom.desired import render
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.scenarios.recording import Subject
from headroom.settings import Stack


def subject(stack: Stack, server: str) -> Subject:
    """The server with its first signal. Raises `SandboxError` for an unknown server."""
    desired = next((item for item in render(stack).servers if item.name == server), None)
    if desired is None:
        raise SandboxError(f"stack {stack.name} has no server {server!r}; its servers: {', '.join(stack.servers) or 'none'}")
    replicas = stack.servers[server].autoscaling.replicas
    bound = desired.signals[0]
    return Subject(
        stack=stack.name,
        server=server,
        namespace=desired.namespace,
        min=replicas.min,
        max=replicas.max,
        title=bound.signal.title,
        unit=str(bound.signal.unit),
        record=bound.server.record,
        goal=bound.goal.record,
    )
