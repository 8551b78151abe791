"""What `headroom sandbox scenario` asks of the part that plays it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScenarioRequest:
    """`kubeconfig`: path of another cluster's; None means the sandbox, from inside its network namespace."""

    name: str
    server: str
    stack: str
    kubeconfig: str | None
    as_data: bool
