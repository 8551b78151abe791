"""The tree of a stack."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from headroom.desired import render
from headroom.report.stack_view import stack_tree
from headroom.settings import load

STACK = Path(__file__).parents[2] / "stacks" / "Pulumi.local.yaml"


@pytest.fixture(scope="module")
def tree() -> str:
    settings = load(STACK)
    console = Console(width=200, file=StringIO())
    console.print(stack_tree(settings, render(settings)))
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def test_a_pool_shows_its_machine_and_its_bounds(tree: str) -> None:
    assert "l4  0 to 5 x g6.2xlarge (1 x NVIDIA-L4 each)" in tree


def test_a_server_shows_engine_image_and_replicas(tree: str) -> None:
    assert "Triton Inference Server: nvcr.io/nvidia/tritonserver:25.06-py3" in tree
    assert "1 to 4 replicas, 1 GPU each, in pool l4" in tree


def test_a_signal_shows_its_target_and_the_series_that_are_recorded(tree: str) -> None:
    assert "queue-time at 200ms" in tree
    for level in ("pod", "server", "target"):
        assert f"headroom:queue_time_seconds:{level}" in tree
