"""How an operation on a resource fails, as the engine has to hear it."""

from __future__ import annotations

from typing import Any


class Failed(Exception):
    """Nothing of the operation is to be recorded."""


class InputRefused(Exception):
    """An input of the resource is wrong: told with its name, before anything is done."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


class PartlyDone(Exception):
    """The object exists with `outputs`, and something about it is not as it should be: kept, and repeated by the next update."""

    def __init__(self, resource_id: str, outputs: dict[str, Any], reasons: list[str], inputs: dict[str, Any] | None = None) -> None:
        super().__init__(reasons[0])
        self.resource_id = resource_id
        self.outputs = outputs
        self.reasons = reasons
        self.inputs = inputs
