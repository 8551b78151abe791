"""The ready pods of a Service, looked at twice a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.load.addresses import Address, RoundRobin, ready_addresses
from headroom.sandbox.load.aim import Aim

PERIOD_SECONDS = 0.5
SLICES = GVK("discovery.k8s.io/v1", "EndpointSlice")
SERVICE_LABEL = "kubernetes.io/service-name"


@contextlib.asynccontextmanager
async def followed(client: Client, aim: Aim) -> AsyncIterator[RoundRobin]:
    """The pods to choose from, kept up to date while the context lasts.

    Raises `SandboxError` where none is ready to begin with, unless requests come in through an ingress: that answers in any case.
    """
    pods = RoundRobin(aim.entrance)
    first = await asyncio.to_thread(_look, client, aim)
    if not first and aim.entrance is None:
        raise SandboxError(f"no pod of server {aim.service} in namespace {aim.namespace} is ready: is the stack up? `headroom up local`")
    pods.replace(first)
    follower = asyncio.create_task(_follow(client, aim, pods))
    try:
        yield pods
    finally:
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)


async def _follow(client: Client, aim: Aim, pods: RoundRobin) -> None:
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        # While the API server does not answer, pods are where they were: nobody moves them.
        with contextlib.suppress(ClusterError):
            pods.replace(await asyncio.to_thread(_look, client, aim))


def _look(client: Client, aim: Aim) -> tuple[Address, ...]:
    slices = client.list(SLICES, aim.namespace, label_selector=f"{SERVICE_LABEL}={aim.service}")
    return ready_addresses(slices, aim.port)
