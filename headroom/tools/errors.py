"""What goes wrong with tools."""

from __future__ import annotations


class ToolError(Exception):
    """A tool cannot be had. The message says why and what to do."""
