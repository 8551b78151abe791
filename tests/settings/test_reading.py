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
    ("addition", "said"),
    [
        ("  headroom:namespace: {unclosed: [\n", "is not YAML that can be read"),
        ("\theadroom:namespace: indented-by-a-tab\n", "is not YAML that can be read"),
        ('  headroom:namespace: "\\q"\n', "is not YAML that can be read"),
        ("  headroom:namespace: *undefined\n", "has an alias (*) whose anchor (&) is not before it"),
        ("  headroom:namespace: [&twice a, &twice b]\n", "has an anchor (&) that is in the file already"),
        ("  headroom:namespace: !Ref tag\n", "has a tag (!), and tags are not read"),
        ("  headroom:namespace: !!python/object:os.system {}\n", "has a tag (!), and tags are not read"),
        ("  headroom:namespace: {<<: text}\n", "merges (<<) what is no mapping"),
        ("  headroom:namespace: &itself {a: *itself}\n", "has an anchor (&) with an alias (*) of itself inside"),
        ("  headroom:namespace: \x01\n", "has a control character"),
        ("  headroom:namespace: 2024-13-45\n", "has a value that looks like a date or a number and is none"),
        ("---\nconfig: {}\n", "has a second document"),
        (f"  headroom:namespace: {'[' * 300}\n", "is nested more than 200 levels deep"),
    ],
    ids=lambda value: value if value.startswith(("is", "has", "merges")) else "",
)
def test_a_file_that_is_not_yaml_says_what_it_has_instead(tmp_path: Path, addition: str, said: str) -> None:
    assert problems(tmp_path, GOOD + addition)[""].startswith(said)


@pytest.mark.parametrize(
    "value",
    ["*undefined", "!Ref tag", "&itself {a: *itself}", "2024-13-45", f"{'[' * 300}", "a\n---\n", "{<<: text}"],
    ids=["alias", "tag", "recursion", "no-date", "depth", "second-document", "merge"],
)
def test_a_file_that_is_not_yaml_says_in_which_line(tmp_path: Path, value: str) -> None:
    (problem,) = refusal(tmp_path, f"config:\n  # here\n  headroom:namespace: {value}\n").problems
    assert problem.line == (4 if "---" in value else 3)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_another_encoding_is_refused_with_the_right_one(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, GOOD)
    path.write_bytes((GOOD + "# \u00ff\n").encode(encoding))
    with pytest.raises(InvalidStack, match="is not text in UTF-8"):
        load(path)


def test_a_file_whose_aliases_are_far_more_than_it_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["    a0: &a0 [x]", *(f"    a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 8)}]" for level in range(1, 10))]
    text = GOOD + "  headroom:namespaces:\n" + "\n".join(lines) + "\n"
    assert problems(tmp_path, text) == {"": "has more than 100,000 values, its aliases written out"}


def test_a_file_whose_aliases_nest_it_too_deep_is_refused(tmp_path: Path) -> None:
    levels = [f"    a{at}: &a{at} {'[' * 150}{f'*a{at - 1}' if at else 'x'}{']' * 150}" for at in range(8)]
    text = GOOD + "  headroom:namespaces:\n" + "\n".join(levels) + "\n"
    assert problems(tmp_path, text) == {"": "is nested too deep, its aliases written out"}


def test_an_alias_is_read_as_what_it_stands_for(tmp_path: Path) -> None:
    twice = GOOD.replace("    demo:\n", "    demo: &demo\n") + "    other: *demo\n"
    stack = accepted(tmp_path, twice)
    assert stack.servers["other"] == stack.servers["demo"]


def test_what_yaml_1_1_reads_to_the_base_of_60_is_text_as_it_is_to_pulumi(tmp_path: Path) -> None:
    text = GOOD.replace("max: 5", "max: 1:30")
    assert problems(tmp_path, text) == {"pools.l4.max": "must be a whole number"}


def test_an_equals_sign_is_text_as_it_is_to_pulumi(tmp_path: Path) -> None:
    text = GOOD.replace("models: models", "models: models\n      environment: {A: =}")
    assert accepted(tmp_path, text).servers["demo"].environment == {"A": "="}


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


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("  servers: {}\n", "servers: is written twice"),
        ("---\nconfig: {}\n", "has a second document"),
    ],
    ids=["twice", "second-document"],
)
def test_a_file_that_pulumi_reads_one_way_or_the_other_is_refused_there_too(tmp_path: Path, addition: str, said: str) -> None:
    write(tmp_path, GOOD + addition)
    with pytest.raises(InvalidStack, match=said):
        parse("test", {"cluster": {"provider": "kwok"}}, tmp_path, frozenset())


@pytest.mark.parametrize("text", ["", "environment: [shared]\n"], ids=["empty", "environment"])
def test_a_file_without_settings_is_enough_where_pulumi_has_them_from_an_environment(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert parse("test", {"cluster": {"provider": "kwok"}}, tmp_path, frozenset()).servers == {}
