"""Which address the agent gives to which node."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from headroom.sandbox.async_api import ApiError
from headroom.sandbox.kubelet.nodes import FAKE, address, registration
from headroom.sandbox.layout import NODE_ADDRESSES
from tests.sandbox.kubelet.played import NODES, Played, Told

Node = Mapping[str, Any]
FIRST, SECOND = NODE_ADDRESSES[:2]

pytestmark = pytest.mark.usefixtures("without_a_bridge", "tried_again_at_once")


def node(name: str, **status: Any) -> Node:
    return {"metadata": {"name": name, "annotations": dict([FAKE])}, **status}


def registered(name: str) -> Node:
    return node(name, **registration(name, ()))


class Registry(Played):
    """Refuses as many registrations as it is told to. `kept` are the nodes as it was asked to keep them, by name."""

    def __init__(self, *told: Told, refusals: int = 0) -> None:
        super().__init__({NODES: told})
        self._refusals = refusals
        self.kept: dict[str, Node] = {}

    async def patch(self, path: str, content: Mapping[str, Any], kind: str = "") -> Node:
        if self._refusals:
            self._refusals -= 1
            raise ApiError(path, HTTPStatus.FORBIDDEN, "not yet")
        name = path.removeprefix(f"{NODES}/").removesuffix("/status")
        self.kept[name] = node(name, **content)
        return self.kept[name]


def known(state: Path, *told: Told, refusals: int = 0) -> dict[str, str]:
    """By address, the nodes that the agent knows; the API server was told the same of them."""

    async def scene() -> dict[str, str]:
        api = Registry(*told, refusals=refusals)
        agent = await api.live(state, api.all_told[NODES])
        assert all(agent.node_at(address(kept) or "") == name for name, kept in api.kept.items())
        return {place: name for place in NODE_ADDRESSES if (name := agent.node_at(place))}

    return asyncio.run(scene())


def test_each_node_has_an_address_of_its_own(tmp_path: Path) -> None:
    assert known(tmp_path, ("LISTED", [node("one"), node("two")])) == {FIRST: "one", SECOND: "two"}


def test_news_from_before_its_registration_do_not_move_a_node(tmp_path: Path) -> None:
    assert known(tmp_path, ("LISTED", [node("one")]), ("MODIFIED", node("one"))) == {FIRST: "one"}


def test_a_new_node_does_not_get_the_address_of_one_that_is_listed_after_it(tmp_path: Path) -> None:
    assert known(tmp_path, ("LISTED", [node("new"), registered("old")])) == {FIRST: "old", SECOND: "new"}


def test_a_node_that_is_no_longer_listed_leaves_its_address(tmp_path: Path) -> None:
    assert known(tmp_path, ("LISTED", [registered("old")]), ("LISTED", [node("new")])) == {FIRST: "new"}


def test_a_node_keeps_its_address_when_a_lower_one_is_free(tmp_path: Path) -> None:
    told = (("LISTED", [registered("gone"), node("one")]), ("DELETED", registered("gone")), ("MODIFIED", node("one")))
    assert known(tmp_path, *told) == {SECOND: "one"}


def test_a_registration_that_was_refused_is_asked_for_again(tmp_path: Path) -> None:
    assert known(tmp_path, ("LISTED", [node("one")]), refusals=1) == {FIRST: "one"}
