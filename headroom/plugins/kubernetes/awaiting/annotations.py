"""The annotations by which a program steers the waiting."""

from __future__ import annotations

import re

from headroom.plugins.kubernetes.awaiting.objects import annotation
from headroom.plugins.kubernetes.client import Object

SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
WAIT_FOR = "pulumi.com/waitFor"

DEFAULT_TIMEOUT = 600.0


def skips_await(inputs: Object) -> bool:
    return annotation(inputs, SKIP_AWAIT) == "true"


def timeout_of(inputs: Object, custom: float | None, default: float = DEFAULT_TIMEOUT) -> float:
    """Seconds to wait: the resource option, else the annotation, else `default`. An annotation that is no integer is ignored,
    as the official provider does."""
    if custom:
        return custom
    text = annotation(inputs, TIMEOUT_SECONDS)
    return float(text) if re.fullmatch(r"[+-]?\d+", text) else default
