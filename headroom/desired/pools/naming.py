"""Names of node groups: the pool's name, and a hash of everything that a cloud cannot change in place.

A group of another name is another group, so the engine makes it before it deletes the one it replaces.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def group_name(pool: str, replacing: Mapping[str, Any], *, longest: int, digits: int = 8, separator: str = "-") -> str:
    """`l4-1a2b3c4d`: at most `longest` characters, of which the hash keeps its own. `replacing` holds plain values by field.

    With a `separator` that is empty, the pool's own hyphens go too: AKS allows none.
    """
    text = json.dumps(replacing, sort_keys=True, separators=(",", ":"))
    mark = separator + hashlib.sha256(text.encode()).hexdigest()[:digits]
    shown = pool if separator else pool.replace("-", "")
    return shown[: longest - len(mark)].rstrip("-") + mark
