"""A secret planted wherever a user could put one is in no output of `preview`, `up`, `drift` and `destroy`, whoever says it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.automation import EngineEvent
from typer.testing import CliRunner

from headroom.cli import app
from headroom.paths import Clone
from tests.automation.engines import Played, step, told, violation
from tests.evidence import Proof

CREDENTIAL = "not-a-real-credential-that-is-encrypted"
PLANTED = {
    "credential": CREDENTIAL,
    "credential in a Secret": base64.b64encode(CREDENTIAL.encode()).decode(),
    "environment": "hf_NOTAREALTOKENatallNOTAREAL0123456",
    "argument": "not-a-real-key-in-an-argument",
    "override": "not-a-real-password-of-a-chart",
    "kubeconfig": "not-a-real-token-of-a-kubeconfig",
    "variable": "not-a-real-passphrase-of-a-shell",
    "address": "postgres://me:not-a-real-password@db/models",
    "nobody's": "nvapi-NOTAREALKEYatallNOTAREAL0123456",
}


@pytest.fixture
def planted(clone: Clone, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    server = {
        "engine": "vllm",
        "image": "vllm/vllm-openai:v0.10.2",
        "model": "Qwen/Qwen3-8B",
        "environment": {"MODEL_SOURCE": PLANTED["environment"], "MODELS": PLANTED["address"]},
        "arguments": [f"--api-key={PLANTED['argument']}"],
        "autoscaling": {"replicas": {"min": 1, "max": 2}, "signals": {"requests-waiting": 2}},
    }
    write(
        "planted",
        platform={"monitoring": {"mode": "helm", "overrides": {"grafana": {"adminPassword": PLANTED["override"]}}}},
        credentials={"grafana-admin": {"secure": "v1:c2VjcmV0:not-a-real-ciphertext"}},
        servers={"llama": server},
    )
    kubeconfig = clone.root / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump({"users": [{"name": "me", "user": {"token": PLANTED["kubeconfig"]}}]}))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PLANTED["variable"])


def leaks() -> Iterator[EngineEvent]:
    """Each secret in everything that the engine can say."""
    for place, secret in PLANTED.items():
        states: dict[str, Any] = {
            "old": {"inputs": {"data": {"text": f"before {secret}"}}, "outputs": {"status": secret}},
            "new": {"inputs": {"data": {"text": f"after {secret}", secret: "a"}}, "outputs": {"status": secret}},
        }
        yield step("update", place, **states)
        yield step("update", place, read=True, **states)
        yield step("same", "headroom-planted", "pulumi:pulumi:Stack", read=True, new={"outputs": {"endpoint": secret}})
        yield told("error", f"the server said: {secret}")
        yield told("warning", f"deprecated: {secret}")
        yield told("debug", f"register resource outputs prepared: props={secret}")
        yield violation("plaintext-secret", "advisory", f"{secret} is one")


@pytest.mark.proves("no output of preview, up, drift and destroy shows a secret, whoever says it", Proof.SCHEMA)
@pytest.mark.parametrize("command", [("preview",), ("up", "--yes", "--no-policy"), ("drift",), ("destroy", "--yes")], ids=" ".join)
@pytest.mark.parametrize(("fails", "as_json"), [(False, ("--json",)), (True, ())], ids=["to a program", "to a terminal, of a failure"])
def test_no_secret_is_shown(
    engine: Played, planted: None, tmp_path: Path, command: tuple[str, ...], fails: bool, as_json: tuple[str, ...]
) -> None:
    engine.encrypted = [json.dumps({"grafana-admin": CREDENTIAL})]
    engine.events["planted"] = list(leaks())
    if fails:
        engine.failures["planted"] = " ".join(PLANTED.values())
    comment, page = tmp_path / "comment.md", tmp_path / "report.html"

    result = CliRunner().invoke(app, [*command, "planted", "--markdown", str(comment), "--html", str(page), *as_json])

    shown = result.output + comment.read_text() + page.read_text()
    assert [place for place, secret in PLANTED.items() if secret in shown] == []
    assert "the server said: [redacted]" in shown if fails else "deprecated: [redacted]" in shown
