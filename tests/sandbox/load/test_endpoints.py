"""Whom a load may ask, as the API server tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from headroom.sandbox.async_api import Api
from headroom.sandbox.errors import NotReady, SandboxError
from headroom.sandbox.load import endpoints
from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.aim import Aim
from headroom.sandbox.load.protocols.form import Call
from tests.sandbox.kubelet.played import Played, Told

AIM = Aim("inference", "demo", cast(Call, None), "http")
A, B = "10.244.0.1", "10.244.0.2"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/inference/endpointslices"


def piece(name: str, *hosts: str) -> dict[str, Any]:
    """An EndpointSlice whose hosts are ready."""
    ready = [{"addresses": [host], "conditions": {"ready": True}} for host in hosts]
    return {"metadata": {"name": name}, "ports": [{"name": "http", "port": 8000}], "endpoints": ready}


class Slices(Played):
    """An API server that tells some events of the Service's slices and then nothing more."""

    def __init__(self, *events: Told) -> None:
        super().__init__({SLICES: events})

    async def watch(self, path: str, *, fields: str = "", labels: str = "") -> AsyncIterator[Told]:
        assert (path, labels) == (SLICES, "kubernetes.io/service-name=demo")
        async for event in super().watch(path):
            yield event


def hosts(aim: Aim, *events: Told) -> set[str]:
    """Who is asked after these events."""

    async def ask() -> set[str]:
        api = Slices(*events)
        async with endpoints.followed(cast(Api, api), aim) as pods:
            async with asyncio.timeout(10):
                await api.all_told[SLICES].wait()
            return {cast(Address, pods.next()).host for _ in range(len(pods))}

    return asyncio.run(ask())


def test_the_ready_pods_of_all_slices_are_asked() -> None:
    assert hosts(AIM, ("LISTED", [piece("a", A), piece("b", B)])) == {A, B}


def test_a_pod_that_comes_later_is_asked_too() -> None:
    assert hosts(AIM, ("LISTED", [piece("a", A)]), ("MODIFIED", piece("a", A, B))) == {A, B}


def test_a_slice_that_is_new_is_asked_too() -> None:
    assert hosts(AIM, ("LISTED", [piece("a", A)]), ("ADDED", piece("b", B))) == {A, B}


def test_a_slice_that_is_deleted_is_not_asked_any_more() -> None:
    assert hosts(AIM, ("LISTED", [piece("a", A), piece("b", B)]), ("DELETED", piece("b", B))) == {A}


def test_after_an_interruption_only_what_is_listed_is_asked() -> None:
    assert hosts(AIM, ("LISTED", [piece("a", A)]), ("LISTED", [piece("b", B)])) == {B}


def test_a_load_on_a_server_without_ready_pods_does_not_begin() -> None:
    with pytest.raises(SandboxError, match="no pod of server demo in namespace inference is ready"):
        hosts(AIM, ("LISTED", []))


def test_an_api_server_that_does_not_answer_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "SECONDS_TO_ANSWER", 0.01)
    with pytest.raises(NotReady, match="the API server did not answer"):
        hosts(AIM)
