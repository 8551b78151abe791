"""The ready pods of a Service, as the API server tells of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from headroom.sandbox.async_api import Api
from headroom.sandbox.errors import NotReady, SandboxError
from headroom.sandbox.load.addresses import RoundRobin, ready_addresses
from headroom.sandbox.load.aim import Aim

SERVICE_LABEL = "kubernetes.io/service-name"
SECONDS_TO_ANSWER = 60
Told = AsyncIterator[tuple[str, Any]]
Slices = Mapping[str, Any]


@contextlib.asynccontextmanager
async def followed(api: Api, aim: Aim) -> AsyncIterator[RoundRobin]:
    """The pods to choose from, kept up to date while the context lasts.

    While the API server does not answer, pods are where they were: nobody moves them. Raises `NotReady` when it does not answer to begin
    with, `SandboxError` where none is ready then, unless requests come in through an ingress: that answers in any case.
    """
    told = api.watch(f"/apis/discovery.k8s.io/v1/namespaces/{aim.namespace}/endpointslices", labels=f"{SERVICE_LABEL}={aim.service}")
    slices = _after({}, *await _first(told))
    pods = RoundRobin(aim.entrance)
    pods.replace(ready_addresses(slices.values(), aim.port))
    if not pods and aim.entrance is None:
        raise SandboxError(f"no pod of server {aim.service} in namespace {aim.namespace} is ready: is the stack up? `headroom up local`")
    follower = asyncio.create_task(_follow(told, slices, aim.port, pods))
    try:
        yield pods
    finally:
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)


async def _first(told: Told) -> tuple[str, Any]:
    try:
        return await asyncio.wait_for(anext(told), SECONDS_TO_ANSWER)
    except TimeoutError:
        raise NotReady(f"the API server did not answer for {SECONDS_TO_ANSWER} s: `headroom sandbox status` says why") from None


async def _follow(told: Told, slices: Slices, port: str, pods: RoundRobin) -> None:
    async for kind, what in told:
        slices = _after(slices, kind, what)
        pods.replace(ready_addresses(slices.values(), port))


def _after(slices: Slices, kind: str, what: Any) -> Slices:
    """EndpointSlices by name, after an event of a watch."""
    if kind == "LISTED":
        return {item["metadata"]["name"]: item for item in what}
    name = what["metadata"]["name"]
    others = {other: item for other, item in slices.items() if other != name}
    return others if kind == "DELETED" else {**others, name: what}
