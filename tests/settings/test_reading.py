"""A stack file is refused in words when it is not one, and read as Pulumi reads it when it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.settings import InvalidStack, load, parse
from tests.settings.stack_files import GOOD, accepted, problems, refusal, write


def test_a_missing_file_is_named_with_the_stacks_that_there_are(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(InvalidStack, match=r"Pulumi\.prod\.yaml.*\n.*there is no such file; stacks here: Pulumi\.test\.yaml"):
        load(tmp_path / "Pulumi.prod.yaml")


def test_a_missing_directory_has_no_stacks(tmp_path: Path) -> None:
    with pytest.raises(InvalidStack, match="stacks here: none"):
        load(tmp_path / "nowhere" / "Pulumi.prod.yaml")


def test_an_empty_configuration_from_pulumi_is_refused_where_the_stack_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidStack, match="there is no such file"):
        parse("prod", {"cluster": {}, "servers": {}}, tmp_path, frozenset())


@pytest.mark.parametrize("text", ["", "# a comment\n", "config:\n", "config: {}\n", "text", "- a list\n", "encryptionsalt: v1:abc\n"])
def test_a_file_without_settings_says_what_it_needs(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == {"": "has no `config:` with settings: it must at least name a cluster"}


@pytest.mark.parametrize(
    "addition",
    [
        "  headroom:namespace: {unclosed: [\n",
        "\theadroom:namespace: indented-by-a-tab\n",
        "  headroom:namespace: *undefined\n",
        "  headroom:namespace: !unknown tag\n",
        '  headroom:namespace: "\\q"\n',
        "  headroom:namespace: &itself {a: *itself}\n",
        "  headroom:namespace: \x01\n",
        "  headroom:namespace: 2024-13-45\n",
        "---\nconfig: {}\n",
        f"  headroom:namespace: {'[' * 300}\n",
    ],
    ids=["unclosed", "tab", "alias", "tag", "escape", "recursion", "control-character", "no-date", "second-document", "depth"],
)
def test_a_file_that_is_not_yaml_says_what_to_look_for(tmp_path: Path, addition: str) -> None:
    assert "is not YAML that can be read" in problems(tmp_path, GOOD + addition)[""]


def test_a_file_that_is_not_yaml_says_in_which_line(tmp_path: Path) -> None:
    (problem,) = refusal(tmp_path, "config:\n  headroom:namespace: *undefined\n").problems
    assert problem.line == 2


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.write_bytes(path.read_bytes() + b"# \xff\n")
    with pytest.raises(InvalidStack, match="is not YAML that can be read"):
        load(path)


@pytest.mark.parametrize(
    ("addition", "path"),
    [
        ("  headroom:cluster: {provider: kwok}\n", "cluster"),
        ("  cluster: {provider: kwok}\n", "cluster"),
        ("config: {}\n", "config"),
    ],
    ids=["same", "without-prefix", "config"],
)
def test_a_setting_that_is_written_twice_is_refused(tmp_path: Path, addition: str, path: str) -> None:
    assert "is written twice" in problems(tmp_path, GOOD + addition)[path]


def test_a_server_that_is_written_twice_says_both_lines(tmp_path: Path) -> None:
    (problem,) = refusal(tmp_path, GOOD + "    demo: {}\n").problems
    assert (problem.dotted, problem.message, problem.line) == ("servers.demo", "is written twice, first in line 6", 15)


@pytest.mark.parametrize("key", ["12", "no", "1.5", "2024-11-11", "{a: b}"])
def test_a_key_that_yaml_does_not_read_as_text_asks_for_quotes(tmp_path: Path, key: str) -> None:
    assert problems(tmp_path, GOOD + f"    {key}: {{}}\n") == {"servers": "has a key that YAML does not read as text: put it in quotes"}


def test_the_projects_prefix_may_be_left_out(tmp_path: Path) -> None:
    assert accepted(tmp_path, GOOD.replace("headroom:", "")) == accepted(tmp_path, GOOD)


def test_keys_of_other_projects_and_of_pulumi_are_left_alone(tmp_path: Path) -> None:
    others = "  aws:region: us-west-2\n  kubernetes:namespace: a\n  headroom:namespace: b\nencryptionsalt: v1:abc\n"
    assert accepted(tmp_path, GOOD + others).namespace == "b"


def test_the_file_and_pulumis_reading_of_it_give_the_same_stack(tmp_path: Path) -> None:
    from_file = accepted(tmp_path, GOOD)
    config = {
        "cluster": {"provider": "kwok"},
        "pools": {"l4": {"machine": "g6.2xlarge", "max": 5}},
        "platform": {},
        "servers": {
            "demo": {
                "engine": "triton",
                "image": "nvcr.io/nvidia/tritonserver:25.06-py3",
                "pool": "l4",
                "models": "models",
                "autoscaling": {"backend": "hpa", "replicas": {"max": 4}, "signals": {"queue-time": "200ms"}},
            }
        },
    }
    assert parse("test", config, tmp_path, frozenset()) == from_file


def test_pulumis_reading_is_refused_with_the_lines_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(InvalidStack, match=r"line 4, pools\.l4\.max: must be at least 1"):
        parse("test", {"cluster": {"provider": "kwok"}, "pools": {"l4": {"machine": "g6.2xlarge", "max": 0}}}, tmp_path, frozenset())


def test_plain_text_credentials_are_refused_although_pulumi_hands_them_over_apart(tmp_path: Path) -> None:
    write(tmp_path, GOOD + "  headroom:credentials: {ngc: hunter2}\n")
    with pytest.raises(InvalidStack, match=r"line 15, credentials\.ngc: is not encrypted"):
        parse("test", {"cluster": {"provider": "kwok"}}, tmp_path, frozenset())
