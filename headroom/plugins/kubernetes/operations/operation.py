"""One operation on one resource, and the plugin it runs in."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Literal

from headroom.plugins.kubernetes import awaiting, messages
from headroom.plugins.kubernetes.client import GVK, Client, Object
from headroom.plugins.kubernetes.cluster import Cluster
from headroom.plugins.kubernetes.configuration import Options
from headroom.plugins.kubernetes.engine import Engine, Severity
from headroom.plugins.kubernetes.errors import Unreachable
from headroom.plugins.kubernetes.failures import Failed
from headroom.plugins.kubernetes.normalise import is_crd

Values = dict[str, Any]


@dataclass(frozen=True)
class Plugin:
    """The plugin as it is configured; `cancelled` is set when the user stops the update."""

    options: Options
    cluster: Cluster
    engine: Engine
    cancelled: threading.Event


@dataclass(frozen=True)
class Operation:
    """`token` is the resource's type, `name` its logical name."""

    plugin: Plugin
    urn: str
    token: str
    name: str

    @property
    def options(self) -> Options:
        return self.plugin.options

    @property
    def cluster(self) -> Cluster:
        return self.plugin.cluster

    def client(self) -> Client:
        """Raises `Failed` when the cluster cannot be reached."""
        try:
            return self.cluster.client
        except Unreachable as failure:
            raise Failed(messages.UNREACHABLE_BECAUSE.format(cause=failure)) from None

    def unreachable(self) -> Unreachable | None:
        """Why the cluster cannot be reached."""
        try:
            _ = self.cluster.client
        except Unreachable as failure:
            return failure
        return None

    def log(self, message: str, severity: Severity) -> None:
        """A line that stays."""
        self.plugin.engine.log(self.urn, message, severity)

    def progress(self, message: str, severity: Severity = "info") -> None:
        """A line that the next one replaces."""
        self.plugin.engine.status(self.urn, message, severity)

    def wait_ready(self, live: Object, inputs: Object, operation: Literal["create", "update", "read"], timeout: float = 0) -> Object:
        """The object when it is ready. Raises `NotReady`, `Cancelled`, `BadWaitFor`."""
        return awaiting.wait_ready(
            self.client(),
            live,
            inputs=inputs,
            operation=operation,
            timeout=timeout,
            cancelled=self.plugin.cancelled,
            report=self.progress,
        )

    def forget_kinds(self, written: Object) -> None:
        """After a CustomResourceDefinition came, changed or went, the server serves other kinds."""
        if is_crd(GVK.of(written)):
            self.client().reset_discovery()
