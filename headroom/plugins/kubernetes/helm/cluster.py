"""The cluster that a release is in."""

from __future__ import annotations

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.failures import Failed
from headroom.plugins.kubernetes.helm import messages
from headroom.plugins.kubernetes.operations import Operation


def client_of(operation: Operation, verb: str) -> Client:
    """The API client, and with it the target that Helm is given. Raises `Failed`, and `ClusterRefused` when it is not the sandbox."""
    unreachable = operation.unreachable()
    if unreachable is not None:
        raise Failed(messages.UNREACHABLE.format(verb=verb, cause=unreachable))
    return operation.client()
