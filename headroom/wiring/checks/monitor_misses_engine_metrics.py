"""A monitor scrapes a port or path at which the engine does not export its metrics.

Engines serve metrics where their documentation says, not where it would be natural: Triton on a port of its own (8002), NIM under
`/v1/metrics` since 1.5. The engine is recognised by the container's image or command; flags that move the port are honoured. Annotations
`prometheus.io/port` and `prometheus.io/path` are judged where no monitor scrapes the pods.

## Why it matters

The scrape fails (404 or a page that is not an exposition). The target is down, the series do not exist, and the autoscaler is blind.

## How to mend it

Scrape the port and path named in the message.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.engines import Running, metrics_port
from headroom.wiring.facts import Facts, Port, Workload
from headroom.wiring.finding import Verdict, error
from headroom.wiring.scrape import Scrape, scrapes_of
from headroom.wiring.series import engines
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for workload, found in engines(facts):
        scrapes = [scrape for scrape in scrapes_of(facts, workload) if scrape.certain]
        if scrapes and not any(_hits(scrape, found) for scrape in scrapes):
            yield from _judge(scrapes[0], found)
        elif not scrapes:
            yield from _of_annotations(workload, found)


def _hits(scrape: Scrape, found: Running) -> bool:
    """Whether a scrape reaches the engine's metrics, as far as can be told."""
    return _right_port(scrape, found) and (isinstance(scrape.endpoint.path, Unknown) or scrape.endpoint.path == found.engine.metrics_path)


def _right_port(scrape: Scrape, found: Running) -> bool:
    wanted = metrics_port(found)
    number = scrape.port.number if isinstance(scrape.port, Port) else Unknown("no port")
    return isinstance(wanted, Unknown) or isinstance(number, Unknown) or number == wanted


def _judge(scrape: Scrape, found: Running) -> Iterator[Verdict]:
    port = scrape.port.number if isinstance(scrape.port, Port) else "?"
    yield error(
        scrape.endpoint.place,
        f"{scrape.monitor.ref} scrapes :{port}{scrape.endpoint.path}; {found.engine.title} exports its metrics at "
        f":{metrics_port(found)}{found.engine.metrics_path}",
        f"scrape the container port {metrics_port(found)} at {found.engine.metrics_path}",
    )


def _of_annotations(workload: Workload, found: Running) -> Iterator[Verdict]:
    """What annotations say explicitly; without a port every port that the container declares is tried."""
    said, wanted = workload.pod_annotations, metrics_port(found)
    if isinstance(said, Unknown) or said.get("prometheus.io/scrape") != "true" or isinstance(wanted, Unknown):
        return
    right = {"prometheus.io/port": str(wanted), "prometheus.io/path": found.engine.metrics_path}
    wrong = {key: said[key] for key in right if key in said and not isinstance(said[key], Unknown) and said[key] != right[key]}
    if wrong:
        yield error(
            workload.place,
            f"{', '.join(f'{key} is {value}' for key, value in wrong.items())}; {found.engine.title} exports its metrics at "
            f":{wanted}{found.engine.metrics_path}",
            ", ".join(f'set {key}: "{right[key]}"' for key in wrong),
        )
