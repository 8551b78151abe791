"""What the reloader says of itself, at a source and a program that are played."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from headroom.sandbox.api import Api
from headroom.sandbox.monitoring import reloader
from headroom.sandbox.monitoring.generated import Source
from headroom.sandbox.monitoring.reloader import Reloader


class Played:
    """What the operator generated, or why it cannot be read; and a program that takes only the configurations that are good."""

    def __init__(self, directory: Path) -> None:
        self.generated: Any = None
        self.url, self.directory, self.passing, self.arguments = "http://program", directory, "rules", directory / "arguments"
        self._file = directory / "configuration"

    def say(self, text: str) -> None:
        self.generated = SimpleNamespace(files={self._file: text}, arguments=[])

    def look(self, _: Api) -> Any:
        if isinstance(self.generated, Exception):
            raise self.generated
        return self.generated

    def answer(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(200) if self._file.read_text() == "good" else httpx.Response(400, text="not a configuration")


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
