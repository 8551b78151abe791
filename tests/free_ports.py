"""Ports that a test's own server listens at."""

from __future__ import annotations

from headroom.sandbox import ports


def free_ports(count: int = 1) -> list[int]:
    """Of 127.0.0.1, below those that outgoing connections get: nobody takes them by chance before they are listened at."""
    listeners = ports.listen(map(str, range(count)), {}).values()
    found = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return found
