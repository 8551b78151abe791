"""A sandbox for tests, in a clone of its own: the developer's is never touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.sandbox import Sandbox

STACKS = Path(__file__).parents[2] / "stacks"


def throwaway_clone(directory: Path) -> Clone:
    """A directory that counts as a checkout and holds no stack."""
    (directory / "components").mkdir(parents=True)
    (directory / "Pulumi.yaml").write_text("name: headroom\n")
    return Clone(directory)


@pytest.fixture(scope="package")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """With the stacks of this checkout, so that the platform has the quick periods of `local`."""
    made = throwaway_clone(tmp_path_factory.mktemp("clone"))
    shutil.copytree(STACKS, made.root / "stacks")
    return made


@pytest.fixture(scope="package")
def sandbox(clone: Clone) -> Iterator[Sandbox]:
    """The control plane and the platform, once for all tests of the folder; each test uses namespaces of its own in it."""
    ours = Sandbox(clone)
    try:
        ours.up()
        yield ours
    finally:
        ours.down(report=lambda _: None)
