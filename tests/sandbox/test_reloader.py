"""What the reloader says of itself, at a source and a program that are played."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from headroom.sandbox.api import Api
from headroom.sandbox.async_api import Api as AsyncApi
from headroom.sandbox.monitoring import reloader
from headroom.sandbox.monitoring.generated import Source
from headroom.sandbox.monitoring.reloader import Reloader


class Played:
    """What the operator generated, or why it cannot be read; and a program that takes only the configurations that are good."""

    def __init__(self, directory: Path) -> None:
        self.generated: Any = None
        self.loaded = ""
        self.away = 0
        self.url, self.directory, self.passing, self.arguments = "http://program", directory, "rules", directory / "arguments"
        self._file = directory / "configuration"

    def say(self, text: str) -> None:
        self.generated = SimpleNamespace(files={self._file: text}, arguments=[])

    def look(self, _: Api) -> Any:
        if isinstance(self.generated, Exception):
            raise self.generated
        return self.generated

    def answer(self, _: httpx.Request) -> httpx.Response:
        if self.away:
            self.away -= 1
            raise httpx.ConnectError("not there")
        text = self._file.read_text()
        if text == "bad":
            return httpx.Response(400, text="not a configuration")
        self.loaded = text
        return httpx.Response(200)


@pytest.fixture
def played(tmp_path: Path) -> Played:
    return Played(tmp_path)


@pytest.fixture
def reloads(played: Played, monkeypatch: pytest.MonkeyPatch) -> Reloader:
    client = httpx.Client(base_url=played.url, transport=httpx.MockTransport(played.answer))
    monkeypatch.setattr(reloader.httpx, "Client", lambda **_: client)
    return Reloader(cast("Api", None), cast("Source", played))


def test_it_is_not_ready_before_the_operator_has_generated_anything(reloads: Reloader) -> None:
    reloads.look()
    assert (reloads.ready, reloads.error) == (False, "the operator has generated no configuration yet")


def test_all_is_well_once_the_program_has_loaded_it(played: Played, reloads: Reloader) -> None:
    played.say("good")
    reloads.look()
    assert (reloads.ready, reloads.error) == (True, "")


def test_what_could_not_be_read_once_is_well_once_it_is_read_again(played: Played, reloads: Reloader) -> None:
    played.say("good")
    reloads.look()
    before, played.generated = played.generated, httpx.ConnectError("no answer")
    reloads.look()
    assert reloads.error == "ConnectError: no answer"
    played.generated = before
    reloads.look()
    assert reloads.error == ""


def test_what_the_program_refused_stays_wrong_until_it_changes(played: Played, reloads: Reloader) -> None:
    played.say("bad")
    reloads.look()
    reloads.look()
    assert reloads.error == "not a configuration"
    played.say("good")
    reloads.look()
    assert reloads.error == ""


class Cluster:
    """What stirs is what the test says; every look is heard of."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[None] = asyncio.Queue()

    async def watch(self, _: str) -> AsyncIterator[None]:
        while True:
            yield await self.events.get()


async def followed(played: Played, reloads: Reloader, *said: str) -> list[str]:
    """What the program ran on when it had settled after each of these was said and something had stirred."""
    cluster, found = Cluster(), []
    following = asyncio.create_task(reloader.follow(reloads, cast("AsyncApi", cluster), ["/secrets"]))
    for text in said:
        played.say(text)
        cluster.events.put_nowait(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                while played.loaded != text:
                    await asyncio.sleep(0.01)
        found.append(played.loaded)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    return found


def test_what_changes_is_loaded_when_it_does(played: Played, reloads: Reloader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloader, "RETRY_SECONDS", 60)
    assert asyncio.run(followed(played, reloads, "good", "better")) == ["good", "better"]


def test_a_program_that_does_not_answer_is_asked_again_though_nothing_stirs(
    played: Played, reloads: Reloader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reloader, "RETRY_SECONDS", 0.01)
    played.away = 2
    assert asyncio.run(followed(played, reloads, "good")) == ["good"]
