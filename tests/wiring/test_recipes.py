"""Whole recipes: of the shapes that are published and right, and of those that are published and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.wiring import Severity, load, verify

RECIPES = Path(__file__).parent / "recipes"
EXPECT = "# expect: "


@pytest.mark.parametrize("path", sorted((RECIPES / "correct").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_correct_recipe_has_no_error_and_no_warning(path: Path) -> None:
    assert [finding for finding in verify(load([path])) if finding.severity is not Severity.UNKNOWN] == []


@pytest.mark.parametrize("path", sorted((RECIPES / "defective").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_defect_of_a_recipe_is_found(path: Path) -> None:
    expected = set(path.read_text().splitlines()[0].removeprefix(EXPECT).split(", "))
    assert {finding.check for finding in verify(load([path])) if finding.severity is not Severity.UNKNOWN} == expected
