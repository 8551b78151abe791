"""The replicas of every server over time, as the API server has them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import ClusterError

DEPLOYMENT = GVK("apps/v1", "Deployment")
PERIOD_SECONDS = 0.5


@dataclass(frozen=True)
class Look:
    at: float
    replicas: dict[str, int]
    """Declared, by server."""


class Recorder:
    """Looks twice a second from `start` on; `looks` are those so far."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.looks: list[Look] = []
        self._client, self._namespace = client, namespace
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._record, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> Look:
        found = self._client.list(DEPLOYMENT, self._namespace)
        return Look(time.monotonic(), {item["metadata"]["name"]: item["spec"]["replicas"] for item in found})

    def since(self, begun: float, server: str) -> list[int]:
        return [look.replicas[server] for look in self.looks if look.at >= begun]

    def _record(self) -> None:
        while not self._over.wait(PERIOD_SECONDS):
            try:
                self.looks.append(self.look())
            except ClusterError:
                continue
