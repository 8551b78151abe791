"""One change to a correct recipe, and the check that must find it: the defects are tried on shapes they were not written for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from headroom.wiring import Severity, verify
from headroom.wiring.source import read_text

RECIPES = Path(__file__).parent / "recipes"
MUTATIONS = [
    pytest.param(recipe, change["was"], change["becomes"], change["check"], id=f"{recipe}-{change['check']}")
    for recipe, changes in yaml.safe_load((RECIPES / "mutations.yaml").read_text()).items()
    for change in changes
]


@pytest.mark.parametrize(("recipe", "was", "becomes", "check"), MUTATIONS)
def test_a_defect_is_found_in_a_recipe_it_was_not_written_for(recipe: str, was: str, becomes: str, check: str) -> None:
    text = (RECIPES / "correct" / f"{recipe}.yaml").read_text()
    assert was in text
    found = {finding.check for finding in verify(read_text(text.replace(was, becomes, 1))) if finding.severity is not Severity.UNKNOWN}
    assert found == {check}
