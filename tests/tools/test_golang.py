"""How Go is asked to build."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from headroom.tools import golang
from headroom.tools.catalog import StandIn
from headroom.tools.pins import pin
from tests.tools.conftest import GO_MOD, LAMP

PAGE = "page/dist/index.html"
WITH_PAGE = dataclasses.replace(LAMP, stand_ins=(StandIn(LAMP.module, PAGE),))


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """As Go's module cache has it: read-only, and without what is generated."""
    directory = tmp_path / "module"
    (directory / "page").mkdir(parents=True)
    (directory / "page" / "page.go").write_text("package page\n")
    (directory / "page").chmod(0o555)
    return directory


def scratch(directory: Path) -> Path:
    place = directory / "scratch"
    place.mkdir()
    return place


def test_what_a_module_embeds_and_does_not_carry_is_empty_in_a_copy(wrapper: Path, module: Path, tmp_path: Path) -> None:
    golang.complete(pin(WITH_PAGE), {LAMP.module: module}, scratch(tmp_path))
    copy = tmp_path / "scratch" / "modules" / "example.org-lamp"
    assert (copy / PAGE).read_bytes() == b""
    assert (copy / "page" / "page.go").read_text() == "package page\n"
    assert not (module / PAGE).exists()


def test_the_copy_is_built_on_the_wrappers_pins(wrapper: Path, module: Path, tmp_path: Path) -> None:
    place = scratch(tmp_path)
    golang.complete(pin(WITH_PAGE), {LAMP.module: module}, place)
    assert (place / "go.mod").read_text() == f'{GO_MOD}\nreplace example.org/lamp => "{place / "modules" / "example.org-lamp"}"\n'
    assert (place / "go.sum").read_bytes() == (wrapper / "go.sum").read_bytes()
    ((_, *arguments),) = golang.steps(Path("go"), pin(WITH_PAGE), tmp_path, place)
    assert f"-modfile={place / 'go.mod'}" in arguments


def test_a_file_of_the_wrapper_takes_the_place_of_a_modules(wrapper: Path, module: Path, tmp_path: Path) -> None:
    (wrapper / "stub.go").write_text("package page // without a page\n")
    shade = dataclasses.replace(LAMP, stand_ins=(StandIn("example.org/shade", "page/page.go", "stub.go"),))
    golang.complete(pin(shade), {"example.org/shade": module}, scratch(tmp_path))
    assert (tmp_path / "scratch/modules/example.org-shade/page/page.go").read_text() == "package page // without a page\n"


def test_a_module_that_has_everything_is_built_where_it_is(wrapper: Path, tmp_path: Path) -> None:
    ((_, *arguments),) = golang.steps(Path("go"), pin(LAMP), tmp_path, tmp_path)
    assert not any(str(argument).startswith("-modfile") for argument in arguments)
