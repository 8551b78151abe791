"""A sandbox with both backends for one outage of Prometheus, which every test here looks back at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.sandbox import Sandbox
from tests.outages.outage import STACK, Outage, play
from tests.sandbox.fixtures import throwaway_clone


@pytest.fixture(scope="package")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = throwaway_clone(tmp_path_factory.mktemp("outage"))
    shutil.copytree(Path(__file__).parent / "stacks", made.root / "stacks")
    return made


@pytest.fixture(scope="package")
def outage(clone: Clone) -> Iterator[Outage]:
    sandbox = Sandbox(clone)
    sandbox.up(stack=STACK)
    try:
        yield play(sandbox, clone)
    finally:
        sandbox.down(report=lambda _: None)
