"""`headroom charts`, where the charts are there already."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from headroom.charts import cli


def test_values_that_are_not_those_that_are_kept_are_named_and_refuse_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "CHARTS", {})
    monkeypatch.setattr(cli, "departures", lambda directory: [f"keda 2.20.2: http is in the chart of {directory.name}, and is not kept"])
    done = CliRunner().invoke(cli.app, ["charts", str(tmp_path), "--check"])
    assert done.exit_code == 0
    assert f"keda 2.20.2: http is in the chart of {tmp_path.name}, and is not kept" in done.stderr
