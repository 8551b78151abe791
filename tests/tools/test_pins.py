from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from headroom.tools import ToolError
from headroom.tools.catalog import NEEDED_FOR_BUILDS, TOOLS, Companion, GoTool, StandIn
from headroom.tools.pins import ldflags, pin, toolchain
from headroom.tools.versions import Version, parse
from tests.tools.conftest import GO_MOD, LAMP


def test_the_version_is_the_one_that_go_mod_requires(wrapper: Path) -> None:
    assert pin(LAMP).version == Version(1, 4, 2)


def test_a_requirement_inside_a_block_is_read_too(wrapper: Path) -> None:
    (wrapper / "go.mod").write_text("module w\n\nrequire (\n\texample.org/lamp/v2 v2.0.0 // indirect\n\texample.org/lamp v1.5.0\n)\n")

    assert pin(LAMP).version == Version(1, 5, 0)


@pytest.mark.parametrize("name", ["go.mod", "go.sum"])
def test_a_changed_pin_is_another_cache_entry(wrapper: Path, name: str) -> None:
    before = pin(LAMP).key
    with (wrapper / name).open("a") as file:
        file.write("// changed\n")

    assert pin(LAMP).key != before


@pytest.mark.parametrize(
    "change",
    [
        {"tags": "netgo"},
        {"ldflags": ""},
        {"package": "example.org/lamp/cmd/other"},
        {"stand_ins": (StandIn("example.org/lamp", "page/index.html"),)},
    ],
)
def test_another_way_of_building_is_another_cache_entry(wrapper: Path, change: dict[str, Any]) -> None:
    assert pin(dataclasses.replace(LAMP, **change)).key != pin(LAMP).key


def test_more_companions_are_no_other_cache_entry(wrapper: Path) -> None:
    more = dataclasses.replace(LAMP, companions=(*LAMP.companions, Companion("example.org/cord", "cord.txt")))

    assert pin(more).key == pin(LAMP).key


def test_the_same_pins_are_the_same_entry_in_every_clone(wrapper: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "lamp"
    other.mkdir(parents=True)
    for name in ("go.mod", "go.sum"):
        (other / name).write_bytes((wrapper / name).read_bytes())

    assert pin(LAMP, other.parent).entry == pin(LAMP).entry


def test_the_version_is_filled_into_the_linker_flags(wrapper: Path) -> None:
    assert ldflags(pin(LAMP)) == "-s -w -X main.version=1.4.2"


def test_a_wrapper_without_its_module_says_so(wrapper: Path) -> None:
    (wrapper / "go.mod").write_text(GO_MOD.replace("example.org/lamp", "example.org/other"))

    with pytest.raises(ToolError, match=r"go\.mod does not require example\.org/lamp"):
        pin(LAMP)


def test_a_missing_sum_file_says_what_to_restore(wrapper: Path) -> None:
    (wrapper / "go.sum").unlink()

    with pytest.raises(ToolError, match=r"go\.sum is missing: lamp cannot be built without its pins; restore it"):
        pin(LAMP)


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_of_the_catalog_is_pinned(name: str) -> None:
    assert pin(TOOLS[name]).version > Version(0, 0, 0)


def test_the_go_that_can_be_brought_builds_every_wrapper() -> None:
    brought = pin(TOOLS[NEEDED_FOR_BUILDS]).version
    wrappers = {tool.wrapper for tool in TOOLS.values() if isinstance(tool, GoTool)}
    asked = {
        wrapper: parse(line)
        for wrapper in wrappers
        for line in (toolchain() / wrapper / "go.mod").read_text().splitlines()
        if line.startswith("go ")
    }

    assert {wrapper for wrapper, version in asked.items() if version is None or version > brought} == set()
