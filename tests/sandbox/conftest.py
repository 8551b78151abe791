"""Every test of the sandbox may ask for a running one."""

from __future__ import annotations

from tests.sandbox.fixtures import clone, sandbox

__all__ = ["clone", "sandbox"]
