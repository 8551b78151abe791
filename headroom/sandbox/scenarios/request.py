"""What `headroom sandbox scenario` asks of the part that plays it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScenarioRequest:
    """`kubeconfig`: path of another cluster's; None means the sandbox, from inside its network namespace.

    `directory` is where what was seen is written. `after` is that of an earlier play: then it is the scenario's published recipe that is
    played, on the same trace.
    """

    name: str
    server: str
    stack: str
    kubeconfig: str | None
    as_data: bool
    directory: str
    short: bool = False
    after: str | None = None
