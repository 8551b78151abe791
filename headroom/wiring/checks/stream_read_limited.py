"""The entrypoint of a gRPC route limits how long a request is read.

A stream is one request whose body ends with the stream. Traefik 3 reads a request for at most 60 s unless its entrypoint says otherwise:
`transport.respondingTimeouts.readTimeout`.

## Why it matters

Streams end after exactly that time, whatever happens on them, with an error that names neither Traefik nor the limit. Short tests pass.

## How to mend it

Give gRPC an entrypoint of its own with `readTimeout: 0s`. Keep the limit on the entrypoint of HTTP: it protects from clients that send
their requests by the byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, warning
from headroom.wiring.ingress import Route
from headroom.wiring.routes import entrypoints_of, speaks_grpc
from headroom.wiring.values import Unknown, seconds


def check(facts: Facts) -> Iterator[Verdict]:
    for route in facts.routes:
        if any(speaks_grpc(facts, backend) for backend in route.backends):
            yield from _judge(facts, route)


def _judge(facts: Facts, route: Route) -> Iterator[Verdict]:
    for entry in entrypoints_of(facts, route):
        if isinstance(entry.read_timeout, Unknown):
            yield cannot_tell(entry.place, f"how long {entry.name} reads a stream: {entry.read_timeout.why}", "write readTimeout: 0s")
        elif entry.read_timeout > 0:
            yield warning(
                entry.place,
                f"the entrypoint {entry.name} reads a request for at most {seconds(entry.read_timeout)}: streams of {route.ref} that last "
                "longer are cut",
                f"set ports.{entry.name}.transport.respondingTimeouts.readTimeout to 0s",
            )
