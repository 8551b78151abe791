"""A real Kubernetes control plane with fake GPU nodes, as processes in a network namespace of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headroom.sandbox.errors import NotReady, NotRunning, ProcessDied, SandboxError, Unsupported

if TYPE_CHECKING:
    from headroom.sandbox.sandbox import Sandbox

__all__ = ["NotReady", "NotRunning", "ProcessDied", "Sandbox", "SandboxError", "Unsupported"]


def __getattr__(name: str) -> Any:
    """`Sandbox` is imported when it is asked for: the agents of this package start without it, in half the time."""
    if name == "Sandbox":
        from headroom.sandbox.sandbox import Sandbox

        return Sandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
