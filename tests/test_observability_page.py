"""docs/observability.md tells of every alert and of every panel of the loop."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headroom.catalog.engines import ENGINES
from headroom.catalog.names import AlertName
from headroom.desired.dashboards import dashboards

PAGE = (Path(__file__).parents[1] / "docs" / "observability.md").read_text()
LOOP = dashboards("inference", [], [ENGINES["triton"].oldest], keda=True)["loop"]


def test_every_alert_has_a_section() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == set(AlertName)


@pytest.mark.parametrize(("row", "panel"), [(row.title, panel.title) for row in LOOP.rows for panel in row.panels])
def test_every_panel_of_the_loop_is_in_the_table(row: str, panel: str) -> None:
    assert f"| {row} | {panel} |" in PAGE
