"""A bare control plane and the real Pulumi CLI with our plugins, for the tests that need them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom import tools
from headroom.paths import Clone
from headroom.plugins.install import environment, install
from headroom.sandbox import Sandbox
from tests.sandbox.fixtures import throwaway_clone


@pytest.fixture(scope="package")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return throwaway_clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="package")
def kubeconfig(clone: Clone) -> Iterator[Path]:
    """The administrator of a control plane without the monitoring platform, once for all tests of the folder."""
    ours = Sandbox(clone)
    try:
        ours.up(bare=True, report=lambda _: None)
        yield ours.kubeconfig
    finally:
        ours.down(report=lambda _: None)


@pytest.fixture(scope="package")
def pulumi_environment(clone: Clone, kubeconfig: Path) -> dict[str, str]:
    """The environment in which `pulumi` uses our plugins and the control plane."""
    tools.require("pulumi")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PULUMI_")]:
            patch.delenv(name)
        install(clone)
        return environment(clone)
