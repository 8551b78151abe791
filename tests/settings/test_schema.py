"""The schema that editors use, and the reference: fresh, and of one mind with what the program accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import EngineFamily
from headroom.cli import app
from headroom.paths import Clone
from headroom.settings.command import generated
from headroom.settings.schema import Config, stack_schema
from headroom.settings.stack import KEYS
from tests.settings.stack_files import DEMO, GOOD, accepted, changed
from tests.settings.test_messages import FULL
from tests.settings.test_refusals import UNKNOWN_KEYS, WRONG_TYPES, WRONG_VALUES

ROOT = Path(__file__).resolve().parents[2]
STACK_FILES = [*ROOT.glob("stacks/Pulumi.*.yaml"), *ROOT.glob("tests/*/stacks/Pulumi.*.yaml")]
BEYOND_A_SCHEMA = {
    "servers.demo.pool=l5",
    "servers.demo.arguments[0]=['--http-port=1']",
    "servers.demo.drain=1.5s",
    "servers.demo.drain=1000h",
    "servers.demo.autoscaling.scaleUp.period=2h",
}
"""What depends on another place of the file, or on a number that is written as text."""


_SCHEMA = Draft202012Validator(stack_schema())


def _errors(text: str) -> list[str]:
    return [error.message for error in _SCHEMA.iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize(("path", "text"), generated(ROOT).items(), ids=lambda value: value.name if isinstance(value, Path) else "")
def test_what_is_generated_is_fresh(path: Path, text: str) -> None:
    """Run `headroom schema` where it is not."""
    assert path.read_text() == text


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(stack_schema())


def test_the_schema_knows_every_key_of_a_stack() -> None:
    assert tuple(Config.model_fields) == KEYS


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: path.stem)
def test_every_stack_file_passes(path: Path) -> None:
    assert _errors(path.read_text()) == []


@pytest.mark.parametrize("path", [path for path in STACK_FILES if path.parent.parent == ROOT], ids=lambda path: path.stem)
def test_every_stack_file_names_the_schema_in_its_first_line(path: Path) -> None:
    assert path.read_text().startswith("# yaml-language-server: $schema=./schema.json\n")


@pytest.mark.parametrize("text", [GOOD, FULL, GOOD.replace("headroom:", ""), GOOD + "  aws:region: us-west-2\nencryptionsalt: v1:abc\n"])
def test_what_the_program_accepts_passes(tmp_path: Path, text: str) -> None:
    accepted(tmp_path, text)
    assert _errors(text) == []


@pytest.mark.parametrize("family", ENGINES.values(), ids=lambda family: family.name)
def test_what_any_version_of_an_engine_offers_passes(family: EngineFamily) -> None:
    versions = [family.oldest, *(family.at(release.since) for release in family.releases)]
    signals = {signal: "1s" for version in versions for signal in version.signals}
    assert _errors(changed((f"{DEMO}/engine", family.name), (f"{DEMO}/autoscaling/signals", signals))) == []


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("headroom:platform/monitoring", "existing"),
        ("headroom:platform/prometheusAdapter", {"mode": "existing"}),
        (f"{DEMO}/models", {"uri": "s3://bucket/models"}),
        (f"{DEMO}/drain", 45),
        (f"{DEMO}/resources/cpu", 1.5),
        (f"{DEMO}/autoscaling/signals", {"requests-waiting": 2}),
        ("headroom:credentials", {"secure": "v1:abc"}),
    ],
)
def test_every_way_to_write_a_setting_passes(tmp_path: Path, at: str, value: Any) -> None:
    text = changed((at, value))
    accepted(tmp_path, text)
    assert _errors(text) == []


@pytest.mark.parametrize(
    ("at", "value"),
    [case[:2] for case in (*UNKNOWN_KEYS, *WRONG_TYPES, *WRONG_VALUES) if f"{case[2]}={case[1]}" not in BEYOND_A_SCHEMA],
    ids=str,
)
def test_what_the_program_refuses_at_one_place_does_not_pass(at: str, value: Any) -> None:
    assert _errors(changed((at, value))) != []


def test_a_file_without_a_cluster_does_not_pass() -> None:
    assert _errors("config: {headroom:servers: {}}") != []


@pytest.mark.parametrize("addition", ["  headrom:servers: {}\n", "headroom:servers: {}\n"], ids=["prefix", "indent"])
def test_a_key_that_nobody_reads_does_not_pass(addition: str) -> None:
    assert _errors(GOOD + addition) != []


def test_the_command_writes_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clone, "find", lambda *_: Clone(tmp_path))
    (tmp_path / "stacks").mkdir()
    (tmp_path / "docs").mkdir()
    CliRunner().invoke(app, ["schema"])
    assert json.loads((tmp_path / "stacks" / "schema.json").read_text()) == stack_schema()


def test_a_stale_file_fails_the_check_and_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clone, "find", lambda *_: Clone(tmp_path))
    result = CliRunner().invoke(app, ["schema", "--check"])
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
