"""The loopback ports outside the namespace: free ones, chosen once and taken again as long as nobody else has them."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import HOST
from headroom.tools.files import replace_text

# Below what the kernel hands out to outgoing connections, so that a remembered port stays free while the sandbox is down.
RANGE = range(20000, 32000)
ATTEMPTS = 200

Sockets = dict[str, socket.socket]


def listen(names: Iterable[str], remembered: Mapping[str, int]) -> Sockets:
    """A listening socket for each name, on its remembered port where that is free."""
    sockets: Sockets = {}
    for name in names:
        sockets[name] = _first_free(candidates(remembered.get(name), random.Random()))
    return sockets


def candidates(remembered: int | None, chance: random.Random) -> Iterator[int]:
    if remembered is not None:
        yield remembered
    for _ in range(ATTEMPTS):
        yield chance.choice(RANGE)


def _first_free(ports: Iterable[int]) -> socket.socket:
    for port in ports:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(128)
        except OSError:
            listener.close()
        else:
            return listener
    raise SandboxError(f"no free port on {HOST} between {RANGE.start} and {RANGE.stop - 1} after {ATTEMPTS} tries")


def remember(path: Path, sockets: Mapping[str, socket.socket]) -> None:
    replace_text(path, json.dumps({name: listener.getsockname()[1] for name, listener in sockets.items()}, indent=2) + "\n")


def remembered(path: Path) -> dict[str, int]:
    return json.loads(path.read_text()) if path.exists() else {}
