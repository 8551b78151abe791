"""One checkout with one sandbox for all scenarios, and what is left of it taken down at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headroom.sandbox import Sandbox
from tests.stacks.checkout import Checkout, clean_environment, copy


@pytest.fixture(scope="package")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    clone = copy(tmp_path_factory.mktemp("scenarios"))
    environment = {**clean_environment(), "HEADROOM_ROOT": str(clone.root), "PYTHONPATH": str(clone.root)}
    yield Checkout(clone, environment)
    Sandbox(clone).down(report=lambda _: None)
