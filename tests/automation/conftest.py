"""A checkout with stacks on clusters that nobody runs, and an engine that plays what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.paths import Clone
from tests.automation.engines import Played

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (tmp_path / "stacks").mkdir()
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    found = Clone(tmp_path)
    monkeypatch.setattr(Clone, "find", classmethod(lambda *_: found))
    return found


@pytest.fixture
def write(clone: Clone) -> Callable[..., None]:
    """Writes the file of a stack on an existing cluster; `needs` is the stack that makes the cluster."""

    def written(name: str, needs: str = "", **config: Any) -> None:
        maker = {"stack": f"organization/headroom/{needs}"} if needs else {}
        cluster: Mapping[str, Any] = {"provider": "existing", "name": name, **maker}
        content = {"config": {"headroom:cluster": cluster, **{f"headroom:{key}": value for key, value in config.items()}}}
        clone.stack_file(name).write_text(yaml.safe_dump(content))

    return written


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Played:
    played = Played()
    monkeypatch.setattr("headroom.automation.run.Engine", lambda _: played)
    return played
