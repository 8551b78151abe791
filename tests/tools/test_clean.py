from __future__ import annotations

from headroom.tools import find, require
from headroom.tools.cache import GO_CACHES, Cache
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


def test_files_of_others_are_left_alone(builds: Builds, cache: Cache) -> None:
    require("lamp")
    letter = cache.root / "letters" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("mine")

    clean(cache, keep=())

    assert letter.read_text() == "mine"
