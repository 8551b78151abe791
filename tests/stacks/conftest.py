"""The stack `local` in a checkout of its own, on its own sandbox: once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headroom.plugins.environment import environment
from headroom.plugins.install import install
from headroom.sandbox import Sandbox
from tests.stacks.checkout import Checkout, clean_environment, copy


@pytest.fixture(scope="package")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    clone = copy(tmp_path_factory.mktemp("checkout"))
    sandbox = Sandbox(clone)
    try:
        sandbox.up()
        installation = install(clone)
        yield Checkout(clone, environment(clone, clean_environment(), official=installation.official))
    finally:
        sandbox.down(report=lambda _: None)
