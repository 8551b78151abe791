"""Diff: which options change; another name or namespace is another release."""

from __future__ import annotations

from headroom.plugins.kubernetes import diff
from headroom.plugins.kubernetes.helm import checkpoint
from headroom.plugins.kubernetes.helm.checkpoint import Values
from headroom.plugins.kubernetes.operations import Difference, Operation
from headroom.plugins.kubernetes.properties import plain
from headroom.plugins.kubernetes.replacement import Replacing

_ANOTHER = Replacing((("name",), ("namespace",)))


def compare(operation: Operation, old_outputs: Values, new: Values, *, ignored: list[str]) -> Difference:
    """Between inputs alone: neither the cluster nor the chart's content is looked at. The new release comes before the old one goes."""
    old = checkpoint.inputs_of(old_outputs)
    changes = diff.changes(old, old, plain(new), _ANOTHER, ignored)
    return Difference(changes, [str(change) for change in changes if change.replaces], deletes_first=False)
