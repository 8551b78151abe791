"""A sandbox for tests, in a clone of its own: the developer's is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.sandbox import Sandbox


def throwaway_clone(directory: Path) -> Clone:
    """A directory that counts as a checkout and holds no stack."""
    (directory / "components").mkdir(parents=True)
    (directory / "Pulumi.yaml").write_text("name: headroom\n")
    return Clone(directory)


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return throwaway_clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def sandbox(clone: Clone) -> Iterator[Sandbox]:
    """The control plane and the platform, once for the whole session; each test uses namespaces of its own in it."""
    ours = Sandbox(clone)
    ours.up()
    yield ours
    ours.down(report=lambda _: None)
