"""Gives disk space back."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

from headroom.tools.cache import GO_CACHES, LOCKS, RECORD, VERSIONS, Cache
from headroom.tools.catalog import NEEDED_FOR_BUILDS


def clean(cache: Cache, keep: Iterable[str]) -> int:
    """Removes what builds left: entries not named in `keep`, interrupted ones, the caches of a Go that we brought.
    What is being built just now stays, and with it that Go and its caches, which it may use.

    Only what this package made is touched, whatever else is in that directory. Returns the bytes that were freed.
    """
    kept = set(keep)
    locks = cache.root / LOCKS
    made = {path.name for path in locks.glob("*")} | {path.parent.name for path in cache.root.glob(f"*/{RECORD}")}
    with ExitStack() as held:
        idle = {name for name in sorted(made) if held.enter_context(cache.idle(name))}
        unused = idle | {GO_CACHES} if idle == made else {name for name in idle if not name.startswith(f"{NEEDED_FOR_BUILDS}-")}
        doomed = [cache.root / name for name in sorted(unused - kept)]
        if not kept:
            doomed.append(cache.root / VERSIONS)
        freed = sum(_size(path) for path in doomed)
        for path in doomed:
            shutil.rmtree(path, ignore_errors=True)
        if not kept:
            for name in idle:
                (locks / name).unlink(missing_ok=True)
    for directory in (locks, cache.root):
        with suppress(OSError):
            directory.rmdir()
    return freed


def _size(path: Path) -> int:
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file())
