"""What `headroom sandbox load` asks of its part inside the network namespace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from headroom.sandbox.load.generator import Loop
from headroom.sandbox.load.steps import Step


@dataclass(frozen=True)
class LoadRequest:
    """`options`: the protocol's. `as_data`: answer with JSON instead of text. `direct`: to the pods, whether there is a route or not."""

    server: str
    stack: str
    steps: tuple[Step, ...]
    loop: Loop
    max_requests: int
    timeout: float
    as_data: bool
    options: Mapping[str, float]
    direct: bool

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> LoadRequest:
        fields = json.loads(text)
        return LoadRequest(**{**fields, "steps": tuple(Step(**step) for step in fields["steps"]), "loop": Loop(fields["loop"])})
