"""The wrappers of Go programs share what they are compiled from."""

from __future__ import annotations

import pytest

from headroom.tools.align import disagreements, newest, raised, requirements, wrappers
from headroom.tools.pins import toolchain

LAMP = "module w\n\nrequire example.org/lamp v1.4.2\n\nrequire (\n\texample.org/wire v0.3.0 // indirect\n)\n"


def test_every_program_is_compiled_from_the_same_versions() -> None:
    assert disagreements({file.parent.name: file.read_text() for file in wrappers(toolchain())}) == {}, "python -m headroom.tools.align"


def test_requirements_are_read_in_and_outside_of_a_block() -> None:
    assert requirements(LAMP) == {"example.org/lamp": "v1.4.2", "example.org/wire": "v0.3.0"}


def test_what_is_replaced_is_no_requirement() -> None:
    assert requirements("replace (\n\texample.org/lamp => example.org/torch v1.0.0\n)\n") == {}


def test_modules_at_several_versions_are_told_with_who_has_which() -> None:
    other = "require example.org/wire v0.4.0\n"
    assert disagreements({"lamp": LAMP, "bell": other}) == {"example.org/wire": {"lamp": "v0.3.0", "bell": "v0.4.0"}}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("v0.9.0", "v0.10.0"),
        ("v1.36.11", "v1.36.12-0.20260120151049-f2248ac996af"),
        ("v1.2.0-rc.1", "v1.2.0"),
        ("v0.0.0-20250910181357-589584f1c912", "v0.0.0-20260127142750-a19766b6e2d4"),
        ("v3.0.82+incompatible", "v3.0.83+incompatible"),
    ],
)
def test_the_newest_is_found_by_gos_order(older: str, newer: str) -> None:
    assert newest([newer, older]) == newest([older, newer]) == newer


def test_only_versions_are_raised() -> None:
    assert raised(LAMP, {"example.org/wire": "v0.4.0"}) == LAMP.replace("v0.3.0", "v0.4.0")
