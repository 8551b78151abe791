"""The stages that KWOK plays."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from headroom.sandbox.processes.kwok import STAGES

STAGE_FILES = sorted(STAGES.glob("*.yaml"))


@pytest.fixture(params=STAGE_FILES, ids=lambda path: path.stem)
def stage(request: pytest.FixtureRequest) -> dict[str, Any]:
    return yaml.safe_load(request.param.read_text())


def test_there_are_stages() -> None:
    assert [path.stem for path in STAGE_FILES] == ["node-heartbeat", "node-register"]


def test_a_stage_is_about_nodes_and_never_about_pods(stage: dict[str, Any]) -> None:
    assert stage["spec"]["resourceRef"] == {"apiGroup": "v1", "kind": "Node"}


def test_a_nodes_capacity_is_its_own(stage: dict[str, Any]) -> None:
    assert "capacity:" not in stage["spec"]["next"]["statusTemplate"]
