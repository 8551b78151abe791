"""The trace of a play: its load as it was, for another server to be given the same."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.scenarios import outcome
from headroom.sandbox.scenarios.definition import Phase, Scenario
from headroom.sandbox.scenarios.recording import Stage

SETTLING_SECONDS = 20.0
"""A recipe that is not wired right never settles: it is given this long at the first level, and then the trace begins."""


def replayed(scenario: Scenario, directory: Path) -> Scenario:
    """The scenario with the phases of the play that `directory` holds, each as long as it was, and nothing to wait for."""
    first, *others = (_phase(stage) for stage in outcome.read(directory).stages)
    settling = first.model_copy(update={"seconds": SETTLING_SECONDS})
    return scenario.model_copy(update={"phases": (settling, *others)})


def _phase(stage: Stage) -> Phase:
    return Phase(name=stage.name, level=int(stage.level), seconds=max(0.1, stage.ended - stage.begun))
