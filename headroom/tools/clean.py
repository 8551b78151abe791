"""Gives disk space back."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from headroom.tools.cache import GO_CACHES, LOCKS, RECORD, VERSIONS, Cache


def clean(cache: Cache, keep: Iterable[str]) -> int:
    """Removes what builds left: entries not named in `keep`, interrupted ones, the caches of a Go that we brought.
    What is being built just now stays.

    Only what this package made is touched, whatever else is in that directory. Returns the bytes that were freed.
    """
    kept = set(keep)
    locks = cache.root / LOCKS
    made = {path.name for path in locks.glob("*")} | {path.parent.name for path in cache.root.glob(f"*/{RECORD}")}
    doomed = [cache.root / name for name in sorted(made - kept) if not cache.busy(name)] + [cache.root / GO_CACHES]
    if not kept:
        doomed += [locks, cache.root / VERSIONS]
    freed = sum(_size(path) for path in doomed)
    for path in doomed:
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        cache.root.rmdir()
    return freed


def _size(path: Path) -> int:
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file())
