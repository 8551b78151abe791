"""What the outer part of a command asks of the part inside the network namespace."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from headroom.paths import Clone
from headroom.sandbox.layout import Layout


@dataclass(frozen=True)
class Request:
    """`tools` are paths by name, `sockets` the gateway's listening descriptors by name, `values` as `Sandbox.up` takes them."""

    what: Literal["up", "observe"]
    clone: str
    stack: str = "local"
    bare: bool = False
    tools: dict[str, str] = field(default_factory=dict)
    sockets: dict[str, int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        return Layout(Clone(Path(self.clone)))
