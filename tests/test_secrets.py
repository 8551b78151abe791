"""A secret planted wherever a user could put one is in no output, and one in plain text is an error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from headroom.cli import app
from headroom.paths import Clone
from tests.evidence import Proof

ROOT = Path(__file__).parents[1]
PLANTED = {
    "ciphertext": "v1:c2VjcmV0:not-a-real-ciphertext",
    "environment": "hf_NOTAREALTOKENatallNOTAREAL0123456",
    "argument": "not-a-real-key-in-an-argument",
    "override": "not-a-real-password-of-a-chart",
    "kubeconfig": "not-a-real-token-of-a-kubeconfig",
    "variable": "not-a-real-passphrase-of-a-shell",
}
COMMANDS = (
    ("look", "planted"),
    ("render", "planted"),
    ("render", "planted", "--release", "monitoring"),
    ("render", "planted", "--json"),
    ("price", "planted"),
    ("verify", "-s", "planted"),
    ("verify", "-s", "planted", "--json", "--security"),
    ("verify", "-s", "planted", "--sarif"),
)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with one stack, in which every place for a secret has one."""
    for name in ("Pulumi.yaml", "__main__.py", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    stack = {
        "config": {
            "headroom:cluster": {"provider": "existing", "name": "prod"},
            "headroom:platform": {"monitoring": {"mode": "helm", "overrides": {"grafana": {"adminPassword": PLANTED["override"]}}}},
            "headroom:credentials": {"grafana-admin": {"secure": PLANTED["ciphertext"]}},
            "headroom:servers": {
                "llama": {
                    "engine": "vllm",
                    "image": "vllm/vllm-openai:v0.10.2",
                    "model": "Qwen/Qwen3-8B",
                    "environment": {"MODEL_SOURCE": PLANTED["environment"]},
                    "arguments": [f"--api-key={PLANTED['argument']}"],
                    "autoscaling": {"replicas": {"min": 1, "max": 2}, "signals": {"requests-waiting": 2}},
                }
            },
        }
    }
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.planted.yaml").write_text(yaml.safe_dump(stack))
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump({"users": [{"name": "me", "user": {"token": PLANTED["kubeconfig"]}}]}))
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PLANTED["variable"])
    monkeypatch.setattr(Clone, "find", classmethod(lambda _: Clone(tmp_path)))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.proves("no command shows a secret, wherever it stands", Proof.SCHEMA)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_a_secret(clone: Path, command: tuple[str, ...]) -> None:
    result = run(*command)

    assert result.exit_code == (1 if command[0] == "verify" else 0), result.output
    pictures = "".join(path.read_text() for path in clone.rglob("*.svg"))
    assert [place for place, secret in PLANTED.items() if secret in result.output + pictures] == []


def test_secrets_in_plain_text_are_errors(clone: Path) -> None:
    findings = json.loads(run("verify", "-s", "planted", "--json").stdout)["findings"]
    named = {finding["message"] for finding in findings if finding["check"] == "plaintext-secret"}

    assert {finding["severity"] for finding in findings if finding["check"] == "plaintext-secret"} == {"error"}
    for name in ("MODEL_SOURCE", "api-key", "adminPassword"):
        assert any(name in message for message in named), named


def test_a_stack_for_more_than_this_machine_is_warned_of_its_state_and_its_passphrase(clone: Path) -> None:
    findings = json.loads(run("verify", "-s", "planted", "--json").stdout)["findings"]

    assert {"state-kept-on-one-machine", "secrets-kept-by-passphrase"} <= {finding["check"] for finding in findings}


def test_a_stack_in_a_shared_backend_with_a_key_service_is_not(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    file = clone / "stacks" / "Pulumi.planted.yaml"
    file.write_text("secretsprovider: awskms://alias/headroom\n" + file.read_text())
    findings = json.loads(run("verify", "-s", "planted", "--json").stdout)["findings"]

    assert not {"state-kept-on-one-machine", "secrets-kept-by-passphrase"} & {finding["check"] for finding in findings}
