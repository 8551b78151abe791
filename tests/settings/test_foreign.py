"""A key that nobody reads is refused: where it is a misspelt setting, everything below it would be gone in silence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headroom.settings import InvalidStack, parse
from headroom.settings.foreign import NAMESPACES
from tests.settings.stack_files import DEMO, GOOD, accepted, changed, problems, refusal, write

ROOT = Path(__file__).resolve().parents[2]
KWOK = {"cluster": {"provider": "kwok"}}
BELOW = "has a prefix that nothing here reads; allowed: headroom:, aws:, azure-native:, gcp:, kubernetes:, pulumi:"
TOP = "is nothing that Pulumi reads here; allowed: config, encryptedkey, encryptionsalt, environment, secretsprovider"
OUTDENTED = "is a setting, and Pulumi reads settings below config alone: indent it there"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("headrom:servers", "headroom:servers"),
        ("Headroom:servers", "headroom:servers"),
        ("foo:servers", "headroom:servers"),
        ("headrom:srvers", "headroom:servers"),
        ("headrom:config:servers", "headroom:servers"),
        (":servers", "headroom:servers"),
        ("azurenative:location", "azure-native:location"),
    ],
)
def test_a_misspelt_prefix_is_answered_with_the_key_that_was_meant(tmp_path: Path, key: str, meant: str) -> None:
    assert problems(tmp_path, GOOD + f'  "{key}": {{}}\n') == {key: f"{BELOW}; did you mean {meant}?"}


def test_a_prefix_that_is_near_to_none_is_refused_without_a_guess(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD + "  datadog:apiKey: {secure: v1:abc}\n") == {"datadog:apiKey": BELOW}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_keys_of_the_packages_that_the_program_uses_and_of_pulumi_are_left_alone(tmp_path: Path, namespace: str) -> None:
    assert accepted(tmp_path, GOOD + f"  {namespace}:anything: {{}}\n") == accepted(tmp_path, GOOD)


def test_every_package_that_the_program_uses_may_be_configured() -> None:
    imported = re.compile(r"^\s*(?:import|from) pulumi_([a-z_]+)", re.MULTILINE)
    used = {name for path in (ROOT / "components").rglob("*.py") for name in imported.findall(path.read_text())}
    assert {name.replace("_", "-") for name in used} | {"pulumi"} == set(NAMESPACES)


@pytest.mark.parametrize("key", ["headroom:servers", "servers"])
def test_a_setting_at_the_top_is_to_be_indented(tmp_path: Path, key: str) -> None:
    assert problems(tmp_path, GOOD + f"{key}: {{}}\n") == {key: OUTDENTED}


@pytest.mark.parametrize(
    ("key", "question"),
    [
        ("headroom:x", ""),
        ("12", ""),
        ("<<", ""),
        ("headrom:servers", "; did you mean headroom:servers?"),
        ("encryptionsald", "; did you mean encryptionsalt?"),
        ("Config", "; did you mean config?"),
    ],
)
def test_a_key_at_the_top_that_pulumi_does_not_know_is_refused(tmp_path: Path, key: str, question: str) -> None:
    assert problems(tmp_path, GOOD + f"{key}: {{}}\n") == {key: TOP + question}


def test_a_key_at_the_top_that_is_no_text_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD + "{a: b}: {}\n") == {"": "has a key that YAML does not read as text: put it in quotes"}


@pytest.mark.parametrize("key", ["encryptionsalt: v1:abc", "encryptedkey: abc", "secretsprovider: passphrase", "environment: [shared]"])
def test_what_pulumi_reads_at_the_top_is_left_alone(tmp_path: Path, key: str) -> None:
    assert accepted(tmp_path, f"{GOOD}{key}\n") == accepted(tmp_path, GOOD)


def test_a_stray_key_is_said_with_its_line_beside_every_other_problem(tmp_path: Path) -> None:
    text = changed((f"{DEMO}/gpus", 0)) + "  headrom:pools: {}\nheadroom:platform: {}\n"
    lines = text.splitlines()
    assert {(problem.dotted, lines[(problem.line or 0) - 1].strip()) for problem in refusal(tmp_path, text).problems} == {
        ("servers.demo.gpus", "gpus: 0"),
        ("headrom:pools", "headrom:pools: {}"),
        ("headroom:platform", "headroom:platform: {}"),
    }


def test_a_stray_key_is_said_beside_a_key_that_is_written_twice(tmp_path: Path) -> None:
    text = GOOD + "  headrom:pools: {}\n  headroom:cluster: {}\n"
    assert set(problems(tmp_path, text)) == {"headrom:pools", "cluster"}


def test_a_stray_key_is_said_where_there_are_no_settings(tmp_path: Path) -> None:
    assert set(problems(tmp_path, "config:\nheadroom:cluster: {provider: kwok}\n")) == {"headroom:cluster", ""}


@pytest.mark.parametrize("addition", ["  headrom:servers: {}\n", "headroom:servers: {}\n"], ids=["prefix", "indent"])
def test_pulumis_reading_is_refused_for_a_stray_key_of_the_file(tmp_path: Path, addition: str) -> None:
    write(tmp_path, GOOD + addition)
    with pytest.raises(InvalidStack, match=r"line 15, headro?o?m:servers"):
        parse("test", KWOK, tmp_path, frozenset())


def test_pulumis_reading_is_refused_for_a_key_of_which_it_makes_another(tmp_path: Path) -> None:
    """Pulumi hands `headroom:config:servers` over as `headroom:servers`."""
    write(tmp_path, GOOD + "  headroom:config:servers: {}\n")
    with pytest.raises(InvalidStack, match=r"line 15, config:servers: is not a setting here"):
        parse("test", KWOK, tmp_path, frozenset())


def test_a_misspelt_prefix_is_refused_although_the_file_does_not_have_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidStack, match=r"headrom:servers: .* did you mean headroom:servers\?"):
        parse("test", KWOK, tmp_path, frozenset(), ["headrom:servers"])


def test_a_misspelt_prefix_that_the_file_has_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "  headrom:servers: {}\n")
    with pytest.raises(InvalidStack, match="1 problem;"):
        parse("test", KWOK, tmp_path, frozenset(), ["headrom:servers"])


def test_what_an_environment_has_for_other_projects_is_left_alone(tmp_path: Path) -> None:
    assert parse("test", KWOK, tmp_path, frozenset(), ["datadog:apiKey", "aws:region"]).servers == {}
