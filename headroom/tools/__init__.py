"""The real programs that everything here is proven with: found on the machine, or built once from `toolchain/`."""

from __future__ import annotations

from headroom.tools.errors import ToolError
from headroom.tools.get import find, require

__all__ = ["ToolError", "find", "require"]
