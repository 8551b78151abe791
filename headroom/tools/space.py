"""Disk space, looked at before a build and not when it runs out."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from headroom.tools.errors import ToolError


def demand(needed_mb: int, places: Iterable[Path]) -> None:
    """Raises `ToolError` unless each of `places` is on a file system with `needed_mb` free."""
    for place in places:
        free_mb = shutil.disk_usage(_existing(place)).free // 1_000_000
        if free_mb < needed_mb:
            raise ToolError(
                f"Building needs up to {gigabytes(needed_mb)}, and {place} has {gigabytes(free_mb)} free. Free some space, or "
                "let HEADROOM_TOOLS_CACHE (the tools) and GOMODCACHE, GOCACHE (Go's downloads and compiled packages) lead to another disk."
            )


def gigabytes(megabytes: int) -> str:
    return f"{megabytes / 1000:.1f} GB"


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())
