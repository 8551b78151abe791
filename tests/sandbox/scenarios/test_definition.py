from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.scenarios import definition
from headroom.sandbox.scenarios.conditions import Condition
from headroom.sandbox.scenarios.definition import Scenario
from headroom.sandbox.scenarios.expectations import Expectation

PHASE = {"name": "load", "level": 10, "seconds": "10s"}


@pytest.mark.parametrize("name", definition.names())
def test_every_scenario_can_be_read_and_ends_within_ten_minutes(name: str) -> None:
    assert sum(phase.seconds for phase in definition.read(name).phases) <= 600


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SandboxError, match=f"no scenario 'lop'; there are: {', '.join(definition.names())}"):
        definition.read("lop")


def test_a_reaction_to_a_phase_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError, match="is not the name of a phase"):
        Scenario.model_validate({"sentence": "", "phases": [PHASE], "reaction": "other", "expects": ["never-blind"]})


def test_an_expectation_of_what_grows_within_replicas_needs_to_know_what_that_is() -> None:
    with pytest.raises(ValidationError, match="inside: shrank-inside, shrunk needs to know"):
        Scenario.model_validate({"sentence": "", "phases": [{**PHASE, "until": "shrunk"}], "expects": ["shrank-inside"]})


def test_a_scenario_that_sends_nothing_says_so() -> None:
    assert (definition.read("loop").sends, definition.read("watch").sends) == (True, False)


@pytest.mark.parametrize("path", sorted(definition.PUBLISHED.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_published_recipe_is_objects_and_nothing_else(path: Path) -> None:
    for item in yaml.safe_load_all(path.read_text()):
        assert {"apiVersion", "kind", "metadata"} <= item.keys() <= {"apiVersion", "kind", "metadata", "spec", "data", "stringData", "type"}


@pytest.mark.parametrize("name", definition.names())
def test_every_scenario_stands_on_its_page_with_its_sentence(name: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text()
    assert f"| {name} | {definition.read(name).sentence} |" in page


@pytest.mark.parametrize("word", [*Condition, *Expectation])
def test_every_word_of_a_scenario_is_explained_on_the_page(word: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text()
    assert f"`{word}` (" in page or f"| {word} | " in page
