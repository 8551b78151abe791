"""What the commands of the sandbox say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headroom.sandbox.cli import app
from headroom.sandbox.sandbox import Sandbox
from tests.sandbox.fixtures import throwaway_clone


def test_the_command_that_it_names_can_be_pasted_whatever_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def up(*_: Any, **__: Any) -> None: ...

    clone = throwaway_clone(tmp_path / "a clone")
    monkeypatch.setenv("HEADROOM_ROOT", str(clone.root))
    monkeypatch.setattr(Sandbox, "up", up)
    assert f"export KUBECONFIG='{clone.kubeconfig}'" in CliRunner().invoke(app, ["up"]).stdout
