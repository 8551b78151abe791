"""The policy pack run by the real engine: what it finds is shown in a preview, and what is an error ends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence import Proof
from tests.plugins.python_host.conftest import Project, clone_env, project

__all__ = ["clone_env", "project"]

pytestmark = pytest.mark.tools

PACK = Path(__file__).parents[2] / "policy"
KEY = "not-a-real-key-0123456789"
# A component of the type: the engine shows it to the pack as it shows the provider's own, and no provider is asked.
_PROGRAM = f"""
    import pulumi

    container = {{
        "name": "server",
        "image": "example.com/parrot:latest",
        "env": [{{"name": "NGC_API_KEY", "value": "{KEY}"}}, {{"name": "HF_TOKEN", "value": pulumi.Output.secret("{KEY}")}}],
    }}
    inputs = {{
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {{"name": "parrot", "namespace": "speech"}},
        "spec": {{
            "selector": {{"matchLabels": {{"app": "parrot"}}}},
            "template": {{"metadata": {{"labels": {{"app": "parrot"}}}}, "spec": {{"containers": [container]}}}},
        }},
    }}
    pulumi.ComponentResource("kubernetes:apps/v1:Deployment", "parrot", inputs)
"""


@pytest.mark.proves("a policy pack judges the wiring and a security baseline in a preview", Proof.REAL)
def test_a_violation_ends_the_preview_and_is_named(project: Project) -> None:
    project.program(_PROGRAM)

    preview = project.pulumi("preview", "--policy-pack", str(PACK))

    shown = preview.stdout + preview.stderr
    assert preview.returncode != 0, shown
    assert {check for check in ("image-not-fixed", "plaintext-secret", "requests-missing") if check in shown} == {
        "image-not-fixed",
        "plaintext-secret",
        "requests-missing",
    }, shown
    assert "NGC_API_KEY" in shown
    assert "HF_TOKEN" not in shown
    assert KEY not in shown
