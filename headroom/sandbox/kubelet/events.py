"""Events of pods, as a kubelet writes them: one object for equal events, which counts."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from headroom.sandbox.async_api import Api, ApiError
from headroom.sandbox.kubelet.status import timestamp

_REMEMBERED = 4096
_SOURCE = "kubelet"


class Events:
    """Takes events at once and writes them one after another; an event that cannot be written is lost, as in a kubelet."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._queue: asyncio.Queue[tuple[tuple[str, ...], dict[str, Any]]] = asyncio.Queue()
        self._written: OrderedDict[tuple[str, ...], tuple[str, int]] = OrderedDict()

    def add(self, kind: str, pod: Mapping[str, Any], reason: str, message: str, container: str | None = None) -> None:
        """`kind`: Normal or Warning."""
        event = event_object(kind, pod, reason, message, container, time.time())
        key = (pod["metadata"]["uid"], event["involvedObject"].get("fieldPath", ""), reason, message)
        self._queue.put_nowait((key, event))

    async def run(self) -> None:
        while True:
            key, event = await self._queue.get()
            try:
                await self._write(key, event)
            except ApiError:
                self._written.pop(key, None)

    async def _write(self, key: tuple[str, ...], event: dict[str, Any]) -> None:
        path = f"/api/v1/namespaces/{event['metadata']['namespace']}/events"
        if key in self._written:
            name, count = self._written[key]
            await self._api.patch(f"{path}/{name}", {"count": count + 1, "lastTimestamp": event["lastTimestamp"]})
            self._written[key] = (name, count + 1)
            return
        await self._api.create(path, event)
        self._written[key] = (event["metadata"]["name"], 1)
        while len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)


def event_object(kind: str, pod: Mapping[str, Any], reason: str, message: str, container: str | None, now: float) -> dict[str, Any]:
    metadata = pod["metadata"]
    field = "initContainers" if any(entry["name"] == container for entry in pod["spec"].get("initContainers") or ()) else "containers"
    involved = {
        "apiVersion": "v1",
        "kind": "Pod",
        **{key: metadata[key] for key in ("name", "namespace", "uid")},
        **({"fieldPath": f"spec.{field}{{{container}}}"} if container else {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name'][:220]}.{uuid.uuid4().hex[:16]}", "namespace": metadata["namespace"]},
        "involvedObject": involved,
        "type": kind,
        "reason": reason,
        "message": message[:1024],
        "source": {"component": _SOURCE, "host": pod["spec"].get("nodeName", "")},
        "reportingComponent": _SOURCE,
        "reportingInstance": pod["spec"].get("nodeName", ""),
        "count": 1,
        "firstTimestamp": timestamp(now),
        "lastTimestamp": timestamp(now),
    }
