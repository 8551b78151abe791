"""What is known to be a secret, and what has the shape of one, is not shown."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import yaml

from headroom.automation import redaction
from headroom.automation.redaction import Redactor
from headroom.report.changes import Op, StackChanges, Step

SECRET = 'correct"horse<battery'
TOKEN = "hf_NOTAREALTOKENatallNOTAREAL0123456"


@pytest.mark.parametrize(
    "form", [SECRET, json.dumps(SECRET)[1:-1], "correct&quot;horse&lt;battery", base64.b64encode(SECRET.encode()).decode()]
)
def test_a_secret_is_redacted_in_every_form_that_a_document_gives_it(form: str) -> None:
    assert Redactor([SECRET])(f"before{form}after") == "before[redacted]after"


def test_what_has_the_shape_of_a_secret_is_redacted_though_nobody_knows_it() -> None:
    assert Redactor()(f"got {TOKEN}") == "got [redacted]"


def test_a_short_secret_is_redacted_where_it_stands_alone_and_not_within_words() -> None:
    assert Redactor(["latest"])("password=latest of latestnews") == "password=[redacted] of latestnews"


def test_what_is_shorter_than_any_secret_is_a_word() -> None:
    assert Redactor(["true"])("is true") == "is true"


def test_a_key_of_several_lines_is_redacted_line_by_line() -> None:
    assert Redactor(["first-line-of-key\nsecond-line-of-key"])("  second-line-of-key") == "  [redacted]"


def test_what_is_learnt_later_is_redacted_from_then_on() -> None:
    redact = Redactor(["first-secret"])
    redact.learn(["second-secret"])
    assert redact("first-secret second-secret") == "[redacted] [redacted]"


def test_nothing_that_is_known_is_in_its_own_description() -> None:
    assert SECRET not in repr(Redactor([SECRET]))


def test_values_that_look_like_secrets_are_redacted_in_what_a_resource_was_and_will_be() -> None:
    inputs = {"spec": {"env": [{"name": "NGC_API_KEY", "value": "not-a-real-one"}, {"name": "SOURCE", "value": TOKEN}], "replicas": 2}}
    shown = Redactor().changes(StackChanges("a", (Step(Op.UPDATE, "urn", "kubernetes:apps/v1:Deployment", "a", inputs, inputs),)))

    (step,) = shown.steps
    expected = {"spec": {"env": [{"name": "NGC_API_KEY", "value": "[redacted]"}, {"name": "SOURCE", "value": "[redacted]"}], "replicas": 2}}
    assert (step.before, step.after) == (expected, expected)


def test_the_secrets_of_a_shell_are_known(tmp_path: Path) -> None:
    kubeconfig, passphrase = tmp_path / "kubeconfig", tmp_path / "passphrase"
    kubeconfig.write_text(yaml.safe_dump({"users": [{"name": "me", "user": {"token": "of-a-kubeconfig"}}]}))
    passphrase.write_text("of-a-file\n")
    shell = {
        "KUBECONFIG": f"{kubeconfig}:{tmp_path / 'none'}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase),
        "GITHUB_TOKEN": "of-a-variable",
        "HOME": "/home/me",
    }
    assert sorted(redaction.of_environment(shell)) == ["of-a-file", "of-a-kubeconfig", "of-a-variable"]


def test_where_a_shell_stands_is_no_secret() -> None:
    shell = {"PWD": "/home/somebody/headroom", "DB_PWD": "of-a-database", "KUBECONFIG": "/dev/null"}
    assert list(redaction.of_environment(shell)) == ["of-a-database"]


@pytest.mark.parametrize("text", ["", "users: 3", "- 1", "users: [{user: x}]", "{"])
def test_a_kubeconfig_that_is_none_has_no_secrets(tmp_path: Path, text: str) -> None:
    (tmp_path / "kubeconfig").write_text(text)
    assert list(redaction.of_kubeconfig(tmp_path / "kubeconfig")) == []


def test_the_secrets_of_a_stack_are_known_within_objects_too() -> None:
    assert list(redaction.of_values(['{"ngc":"first","nested":["second"]}', "third"])) == ["first", "second", "third"]
