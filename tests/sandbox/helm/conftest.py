"""A checkout whose stacks install their add-ons by Helm, on a sandbox of its own that has none: once for all tests of this folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from headroom import tools
from headroom.plugins.environment import environment
from headroom.plugins.install import install
from headroom.sandbox import Sandbox
from headroom.sandbox.layout import Layout
from tests.sandbox.helm import charts, registry
from tests.stacks.checkout import Checkout, clean_environment, copy

MIRROR = "mirror"
STACK = """config:
  headroom:cluster: {provider: kwok}
  headroom:platform:
    charts: {source: mirror}
    monitoring: helm
    metricsServer: helm
    prometheusAdapter: helm
    gpuOperator: helm
    keda: helm
    traefik: helm
    lws: helm
"""


def take_charts_from(checkout: Checkout, source: str) -> None:
    """Changes the stack `helm`, whose other settings and secrets stay as Pulumi wrote them."""
    path = checkout.clone.stack_file("helm")
    path.write_text(re.sub(r"source: [^}\n]+", f"source: {source}", path.read_text()))


@pytest.fixture(scope="package")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    tools.require("helm")
    clone = copy(tmp_path_factory.mktemp("checkout"))
    sandbox = Sandbox(clone)
    try:
        sandbox.up(bare=True, report=lambda _: None)
        installation = install(clone)
        ours = Checkout(clone, environment(clone, clean_environment(), official=installation.official))
        charts.publish(clone.root / MIRROR)
        clone.stack_file("helm").write_text(STACK)
        ours.init("helm")
        secret = ("config", "set", "--stack=helm", "--secret", "--path", "headroom:credentials.grafana-admin", "hunter2-hunter2")
        assert ours.pulumi(*secret).returncode == 0
        yield ours
    finally:
        sandbox.down(report=lambda _: None)


@pytest.fixture(scope="package")
def oci(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[registry.Registry]:
    """A registry that holds every chart of the mirror."""
    layout = Layout(checkout.clone)
    files = (layout.certificate("localhost"), layout.key("localhost"), layout.certificate("ca"))
    with registry.running(tmp_path_factory.mktemp("registry"), *files) as ours:
        for archive in sorted((checkout.clone.root / MIRROR).glob("*.tgz")):
            ours.push(archive)
        yield ours
