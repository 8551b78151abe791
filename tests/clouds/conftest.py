"""One checkout, and a sandbox in the place of every cluster, empty for each cloud."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from headroom import tools
from headroom.plugins.environment import environment
from headroom.plugins.install import install
from headroom.plugins.recording.sandbox import VARIABLE
from headroom.sandbox import Sandbox
from headroom.sandbox.layout import Layout
from tests import engine_steps
from tests.clouds import charts
from tests.clouds.account import Account
from tests.stacks.checkout import clean_environment, copy

MIRROR = "mirror"


@pytest.fixture(scope="package")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    from headroom.plugins.recording.install import install as install_recording

    tools.require("helm", "pulumi", "kubectl")
    clone = copy(tmp_path_factory.mktemp("checkout"))
    directory, programs = tmp_path_factory.mktemp("recording"), tmp_path_factory.mktemp("programs")
    sandbox = Sandbox(clone)
    try:
        installation = install(clone)
        install_recording(clone.pulumi_home)
        charts.publish(clone.root / MIRROR)
        around = environment(clone, clean_environment(), official=installation.official)
        around |= {
            "PULUMI_HOME": str(clone.pulumi_home),
            "PATH": f"{programs}{os.pathsep}{around['PATH']}",
            VARIABLE: str(directory),
            # A cluster of GKE that is reached by name has a certificate that everybody trusts.
            "SSL_CERT_FILE": str(Layout(clone).certificate("ca")),
            **engine_steps.ENVIRONMENT,
        }
        # The SDKs are large: compiled once, they are read by every program and plugin.
        around.pop("PYTHONDONTWRITEBYTECODE", None)
        yield Account(clone, sandbox, directory, programs, around)
    finally:
        sandbox.down(report=lambda _: None)
