from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from headroom.sandbox.scenarios import definition
from tests.sandbox.scenarios.app import app

RUN = CliRunner().invoke


def test_the_list_names_every_scenario_with_its_sentence() -> None:
    listed = RUN(app, ["scenario", "--list"]).stdout.splitlines()
    assert [line.split(maxsplit=1) for line in listed] == [[name, definition.read(name).sentence] for name in definition.names()]


def test_without_a_name_the_scenarios_are_named() -> None:
    result = RUN(app, ["scenario"])
    assert (result.exit_code, f"which scenario? {', '.join(definition.names())}" in result.stderr) == (1, True)


def test_load_on_another_cluster_is_refused_by_name(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.touch()
    result = RUN(app, ["scenario", "loop", "--kubeconfig", str(kubeconfig)])
    assert (result.exit_code, "`kubectl port-forward`" in result.stderr) == (1, True)


def test_load_has_no_option_for_a_cluster_that_it_cannot_reach() -> None:
    assert "--kubeconfig" not in RUN(app, ["load", "--help"]).stdout


def test_a_load_whose_steps_are_wrong_is_refused_with_the_form_of_a_step() -> None:
    result = RUN(app, ["load", "demo", "--steps", "10"])
    assert (result.exit_code, "write LEVEL:DURATION" in result.stderr) == (1, True)
