"""A route names an entrypoint that Traefik does not have.

Traefik's entrypoints are the keys of `ports` in its chart's values, or `--entryPoints.<name>.address` among its arguments.

## Why it matters

Traefik logs an error and leaves the route out: clients of this port are refused, or get 404 from whatever else has it.

## How to mend it

Declare the entrypoint in Traefik's values (`ports.<name>: {port, exposedPort, expose: {default: true}}`), or name one that is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import slip_of
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    known = sorted({entry.name for ingress in facts.ingresses for entry in ingress.entrypoints})
    for route in facts.routes:
        for name in route.entrypoints:
            if isinstance(name, Unknown):
                yield cannot_tell(route.place, f"where requests of {route.ref} come in: {name.why}", "write the entrypoint's name")
            elif not known:
                yield cannot_tell(
                    route.place,
                    f"whether Traefik has the entrypoint {name}: its values are not among the files",
                    "verify Traefik's Helm values or its Deployment together with this route",
                )
            elif name not in known:
                meant = slip_of(name, known)
                yield error(
                    route.place,
                    f"{route.ref} takes requests from the entrypoint {name}, and Traefik has {', '.join(known)}",
                    f"name {meant}" if meant else f"add {name} to `ports` of Traefik's values",
                )
