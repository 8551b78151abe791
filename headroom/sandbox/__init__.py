"""A real Kubernetes control plane with fake GPU nodes, as processes in a network namespace of their own."""

from __future__ import annotations

from headroom.sandbox.errors import NotReady, NotRunning, ProcessDied, SandboxError, Unsupported
from headroom.sandbox.sandbox import Sandbox

__all__ = ["NotReady", "NotRunning", "ProcessDied", "Sandbox", "SandboxError", "Unsupported"]
