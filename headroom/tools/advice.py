"""What to do about a build that failed, by what its output says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from headroom.tools.cache import Cache

_NETWORK = (
    r"dial tcp|no such host|connection refused|connection reset|i/o timeout|TLS handshake",
    r"\b40[347] |\b50[234] |NewConnectionError|ReadTimeout",
)
_ADVICE = (
    (r"no space left on device", "The disk is full. Free some space and run it again: what is built is kept."),
    (
        r"missing go\.sum entry|updates to go\.mod needed|checksum mismatch|DO NOT MATCH THE HASHES",
        "The pins under toolchain/ do not agree with each other. Restore them from version control; "
        "if you changed them, run `go mod tidy` beside them.",
    ),
    (r"signal: killed|cannot allocate memory", "The machine ran out of memory. Close something large and run it again."),
    (
        "|".join(_NETWORK),
        "A package registry did not answer as it should. Check the network, and GOPROXY or pip's index settings; "
        "then run it again: what was downloaded is kept.",
    ),
    (r"from versions: none|No matching distribution", "There is no wheel for this machine and Python; use Python 3.11 to 3.13 on Linux."),
)
_OTHERWISE = "Run it again: what was compiled is kept. If it fails in the same way, the lines above name the cause."


def advice(output: str) -> str:
    """One or two sentences for the person who sees `output`, the last lines of a failed build."""
    return next((text for pattern, text in _ADVICE if re.search(pattern, output)), _OTHERWISE)


def mending(program: Path) -> str:
    """A sentence about a program that is there and cannot be run: how to have a whole one."""
    root = Cache.default().root
    if not program.is_relative_to(root):
        return "It is this machine's own: nothing here builds it."
    # A build that was finished once is not done again while it is there.
    built = root / program.relative_to(root).parts[0]
    return f"`rm -r {shlex.quote(str(built))}` and `headroom tools build {program.name}` have it built anew."
