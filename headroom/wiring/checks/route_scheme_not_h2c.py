"""A route speaks HTTP/1.1 to a gRPC port.

Traefik speaks `http` to a Service's port unless the route says otherwise. gRPC without TLS is HTTP/2 in clear text: `scheme: h2c`.
That a port speaks gRPC is told by its `appProtocol: kubernetes.io/h2c`, or by `grpc` in its name.

## Why it matters

Every call fails with 502, while pods are ready and their health checks pass.

## How to mend it

Set `scheme: h2c` (or `https` where the server has a certificate) on the route's service.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.routes import speaks_grpc
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for route in (route for route in facts.routes if route.says_scheme):
        for backend in route.backends:
            if not speaks_grpc(facts, backend):
                continue
            if isinstance(backend.scheme, Unknown):
                yield cannot_tell(backend.place, f"how {route.ref} speaks to a gRPC port: {backend.scheme.why}", "write the scheme")
            elif backend.scheme not in ("h2c", "https"):
                yield error(
                    backend.place,
                    f"{route.ref} speaks {backend.scheme or 'http'} to the port {backend.port} of {backend.name}, which speaks gRPC: "
                    "every call fails",
                    "set `scheme: h2c`",
                )
