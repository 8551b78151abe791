"""Read: a refresh. Only what Helm knows is looked at: an object of a release that was changed by hand is not seen."""

from __future__ import annotations

from typing import Any

from headroom.plugins.kubernetes.errors import ClusterError
from headroom.plugins.kubernetes.failures import Failed
from headroom.plugins.kubernetes.helm import checkpoint, messages, storage
from headroom.plugins.kubernetes.helm.checkpoint import Values
from headroom.plugins.kubernetes.operations import Operation
from headroom.plugins.kubernetes.operations.reading import GONE, Found, unreachable
from headroom.plugins.kubernetes.properties import Secret, mark_secrets, plain
from headroom.plugins.kubernetes.refusals import STAND_IN, NotCovered


def read(operation: Operation, resource_id: str, old_inputs: Values, old_outputs: Values) -> Found:
    """Id, inputs and outputs as they are now; no id when the release is gone. Raises `NotCovered` for an import."""
    failure = operation.unreachable()
    if failure is not None:
        return unreachable(operation, failure, (resource_id, old_inputs, old_outputs))
    said = checkpoint.inputs_of(old_outputs)
    if not said:
        raise NotCovered(f"{STAND_IN} {messages.IMPORT}")
    namespace, name = said["namespace"], said["name"]
    try:
        live = storage.latest(operation.client(), namespace, name)
    except ClusterError as error:
        raise Failed(str(error)) from None
    if live is None:
        return GONE
    # As with the official plugin, the inputs stay what the program said last, however often and whatever is read.
    inputs = mark_secrets(said, old_inputs)
    values = _over(inputs["values"], live.values)
    return resource_id, inputs, checkpoint.record(inputs, namespace, name, live) | {"values": values}


def _over(recorded: Any, live: Any) -> Any:
    """The recorded values with the release's own laid over them, as the official plugin merges them.

    What the program did not say counts as secret: who did may have meant it so.
    """
    if plain(recorded) == live:
        return recorded
    if isinstance(recorded, dict) and isinstance(live, dict):
        return {**recorded, **{key: _over(recorded.get(key), value) for key, value in live.items()}}
    return Secret(live)
