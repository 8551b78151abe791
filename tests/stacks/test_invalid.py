"""A wrong stack file through the real CLI: one message, no traceback, nothing touched."""

from __future__ import annotations

import pytest
import yaml

from tests.evidence import Proof
from tests.stacks.checkout import Checkout

pytestmark = pytest.mark.tools

SECRET = "hunter2"


@pytest.fixture(scope="module")
def refused(checkout: Checkout) -> str:
    """What `pulumi up` says of a stack with four things wrong."""
    stacks = checkout.clone.root / "stacks"
    content = yaml.safe_load((stacks / "Pulumi.local.yaml").read_text())
    server = content["config"]["headroom:servers"]["demo"]
    server |= {
        "engine": "tritn",
        "pool": "l5",
        "secret": SECRET,
        "autoscaling": {**server["autoscaling"], "replicas": {"min": 5, "max": 2}},
    }
    (stacks / "Pulumi.broken.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    checkout.init("broken")
    up = checkout.pulumi("up", "--stack=broken", "--yes", "--skip-preview")
    assert up.returncode != 0
    return up.stdout


@pytest.mark.proves("a wrong stack file is refused with every path named, before anything is touched", Proof.REAL)
def test_every_wrong_path_is_named(refused: str) -> None:
    paths = ("servers.demo.engine", "servers.demo.pool", "servers.demo.secret", "servers.demo.autoscaling.replicas")
    assert [path for path in paths if path not in refused] == []


def test_there_is_no_traceback(refused: str) -> None:
    assert "Traceback" not in refused


def test_no_value_of_the_file_is_shown(refused: str) -> None:
    assert SECRET not in refused


def test_nothing_was_created(checkout: Checkout, refused: str) -> None:
    assert '"type": "kubernetes:' not in checkout.pulumi("stack", "export", "--stack=broken").stdout


def test_a_stack_without_a_file_is_refused(checkout: Checkout) -> None:
    checkout.init("nowhere")
    (checkout.clone.root / "stacks" / "Pulumi.nowhere.yaml").unlink()
    up = checkout.pulumi("up", "--stack=nowhere", "--yes", "--skip-preview")
    assert up.returncode != 0
    assert "stacks/Pulumi.nowhere.yaml" in up.stdout
