"""The tree of a stack."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from headroom.desired import render
from headroom.report.stack_view import stack_tree
from headroom.settings import Stack, load
from tests.settings.stack_files import accepted, changed

STACK = Path(__file__).parents[2] / "stacks" / "Pulumi.local.yaml"


def drawn(settings: Stack) -> str:
    console = Console(width=200, file=StringIO())
    console.print(stack_tree(settings, render(settings)))
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


@pytest.fixture(scope="module")
def tree() -> str:
    return drawn(load(STACK))


def test_a_pool_shows_its_machine_and_its_bounds(tree: str) -> None:
    assert "l4  0 to 5 x g6.2xlarge (1 x NVIDIA-L4 each)" in tree


def test_a_shared_pool_shows_how_and_into_how_many(tmp_path: Path) -> None:
    pool = {"machine": "p4de.24xlarge", "max": 2, "sharing": {"mode": "mig", "profile": "3g.40gb"}}
    assert "8 x NVIDIA-A100-SXM4-80GB, shared by mig 3g.40gb into 16 each" in drawn(
        accepted(tmp_path, changed(("headroom:pools/l4", pool)))
    )


def test_a_server_shows_engine_image_and_replicas(tree: str) -> None:
    assert "Triton Inference Server: nvcr.io/nvidia/tritonserver:25.06-py3" in tree
    assert "1 to 4 replicas, 1 GPU each, in pool l4" in tree


def test_a_signal_shows_its_target_and_the_series_that_are_recorded(tree: str) -> None:
    assert "queue-time at 200ms" in tree
    for level in ("pod", "server", "target"):
        assert f"headroom:queue_time_seconds:{level}" in tree
