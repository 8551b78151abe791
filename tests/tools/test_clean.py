from __future__ import annotations

import fcntl
from typing import Any

import pytest

from headroom.tools import find, require
from headroom.tools.cache import GO_CACHES, LOCKS, Cache
from headroom.tools.catalog import NEEDED_FOR_BUILDS, TOOLS
from headroom.tools.clean import clean
from headroom.tools.pins import pin
from tests.tools.conftest import LAMP, Builds


def test_what_is_pinned_stays(builds: Builds, cache: Cache) -> None:
    program = require("lamp")["lamp"]

    clean(cache, keep=[pin(LAMP).entry])

    assert find("lamp") == program


def test_what_is_no_longer_pinned_goes_and_its_size_is_told(builds: Builds, cache: Cache) -> None:
    size = require("lamp")["lamp"].stat().st_size

    freed = clean(cache, keep=["lamp-2.0.0-000000000000"])

    assert find("lamp") is None
    assert freed >= size


def test_what_an_interrupted_build_left_goes(builds: Builds, cache: Cache) -> None:
    with cache.lock(pin(LAMP), lambda _: None):
        leftover = cache.start_over(pin(LAMP))

    clean(cache, keep=["another"])

    assert not leftover.exists()


def test_what_is_being_built_just_now_stays(builds: Builds, cache: Cache) -> None:
    with cache.lock(pin(LAMP), lambda _: None):
        under_way = cache.start_over(pin(LAMP))
        clean(cache, keep=["another"])

    assert under_way.exists()


def test_the_caches_of_a_go_that_we_brought_go(cache: Cache) -> None:
    (cache.root / GO_CACHES / "build").mkdir(parents=True)

    clean(cache, keep=["another"])

    assert not (cache.root / GO_CACHES).exists()


def test_cleaning_everything_leaves_nothing(builds: Builds, cache: Cache) -> None:
    require("lamp")

    clean(cache, keep=())

    assert not cache.root.exists()


def test_cleaning_everything_leaves_the_lock_of_a_build_under_way(builds: Builds, cache: Cache) -> None:
    with cache.lock(pin(LAMP), lambda _: None):
        clean(cache, keep=())

        assert (cache.root / LOCKS / pin(LAMP).entry).exists()


def test_what_is_being_built_just_now_keeps_gos_caches(builds: Builds, cache: Cache) -> None:
    (cache.root / GO_CACHES / "build").mkdir(parents=True)

    with cache.lock(pin(LAMP), lambda _: None):
        clean(cache, keep=())

    assert (cache.root / GO_CACHES / "build").exists()


def test_what_is_being_built_just_now_keeps_the_go_that_we_brought(builds: Builds, cache: Cache) -> None:
    brought = cache.start_over(pin(TOOLS[NEEDED_FOR_BUILDS]))
    cache.publish(pin(TOOLS[NEEDED_FOR_BUILDS]), seconds=1, compiled=0)

    with cache.lock(pin(LAMP), lambda _: None):
        clean(cache, keep=())

    assert brought.exists()


def test_a_lock_that_was_cleaned_away_while_it_was_taken_is_taken_again(
    builds: Builds, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock on a file that nobody else finds keeps nobody away."""
    path, waits, take = cache.root / LOCKS / pin(LAMP).entry, list[float](), fcntl.flock

    def late(file: Any, operation: int) -> None:
        if not waits:
            path.unlink()
        take(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with cache.lock(pin(LAMP), waits.append):
        assert path.exists()


def test_files_of_others_are_left_alone(builds: Builds, cache: Cache) -> None:
    require("lamp")
    letter = cache.root / "letters" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("mine")

    clean(cache, keep=())

    assert letter.read_text() == "mine"
