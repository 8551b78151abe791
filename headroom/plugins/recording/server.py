"""The process: `python -m headroom.plugins.recording PACKAGE ENGINE`, started by Pulumi."""

from __future__ import annotations

import sys

from headroom.plugins.kubernetes.engine import Engine
from headroom.plugins.provider import serve
from headroom.plugins.recording.service import Service

_THREADS = 32


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("A recording provider of headroom's tests. Pulumi starts it, with the name of the provider and the address of the engine.")
    package, engine = sys.argv[1:]
    serve(Service(package, Engine(engine)), threads=_THREADS)
