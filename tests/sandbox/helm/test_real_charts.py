"""The real charts in a real cluster: whatever they make of a stack's values is admitted by the API server, and goes again.

They are those of `tests.published_charts`; without them these tests are left out.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest

from headroom.catalog.charts import CHARTS
from headroom.desired import render
from headroom.plugins.environment import environment
from headroom.plugins.install import install
from headroom.sandbox import Sandbox
from headroom.settings import load
from tests.evidence import Proof
from tests.published_charts import DIRECTORY, NEEDED, needs_them
from tests.sandbox.helm import charts
from tests.sandbox.helm.state import left_behind, revisions
from tests.stacks.checkout import Checkout, clean_environment, copy

MIRROR = "mirror"
ADD_ONS = {
    "monitoring": ("prometheus-operator-crds", "kube-prometheus-stack"),
    "gpuOperator": ("gpu-operator",),
    "metricsServer": ("metrics-server",),
    "prometheusAdapter": ("prometheus-adapter",),
    "keda": ("keda",),
    "traefik": ("traefik",),
    "lws": ("lws",),
}
WAITS = "        atomic=True,\n"
WAITS_FOR_NOTHING = "        skip_await=True,\n        disable_webhooks=True,\n"
"""No node of the sandbox runs these images, and hooks are Jobs of them."""

pytestmark = [
    pytest.mark.tools,
    pytest.mark.timeout(900),
    needs_them,
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    clone = copy(tmp_path_factory.mktemp("real"))
    addon = clone.root / "components" / "platform" / "helm_addon.py"
    assert WAITS in addon.read_text()
    addon.write_text(addon.read_text().replace(WAITS, WAITS_FOR_NOTHING))
    there = {chart.name: chart for chart in CHARTS.values() if (DIRECTORY / chart.archive).is_file()}
    (clone.root / MIRROR).mkdir()
    for chart in there.values():
        shutil.copy2(DIRECTORY / chart.archive, clone.root / MIRROR)
    charts.fill(clone.root / MIRROR, *there.values())
    modes = {name: "helm" if set(needed) <= there.keys() else "none" for name, needed in ADD_ONS.items()}
    if modes["monitoring"] == "helm":
        modes["monitoring"] = "{mode: helm, grafana: none}"
    lines = [f"    {name}: {mode}" for name, mode in modes.items()]
    head = ["config:", "  headroom:cluster: {provider: kwok}", "  headroom:platform:"]
    clone.stack_file("real").write_text("\n".join([*head, f"    charts: {{source: {MIRROR}}}", *lines, ""]))
    sandbox = Sandbox(clone)
    sandbox.up(bare=True, report=lambda _: None)
    try:
        installation = install(clone)
        ours = Checkout(clone, environment(clone, clean_environment(), official=installation.official))
        ours.init("real")
        yield ours
    finally:
        sandbox.down(report=lambda _: None)


def end_hooks(checkout: Checkout) -> None:
    """Takes away the Jobs that charts run before and after they go: no node here runs their images, and to Helm they are done then."""
    for job in checkout.objects("jobs"):
        if "helm.sh/hook" in job["metadata"].get("annotations", {}):
            where = f"--namespace={job['metadata']['namespace']}"
            checkout.kubectl("delete", "job", job["metadata"]["name"], where, "--wait=false", "--ignore-not-found")


@pytest.mark.proves("what the real charts make of the rendered values is admitted by a real API server", Proof.REAL, needs=NEEDED)
def test_what_the_real_charts_make_of_our_values_is_admitted(checkout: Checkout) -> None:
    made = checkout.pulumi("up", "--stack=real", "--yes", "--skip-preview", "--suppress-progress")
    assert made.returncode == 0, made.stdout
    desired = render(load(checkout.clone.stack_file("real")))
    assert revisions(checkout) == {release.name: 1 for addon in desired.platform.values() for release in addon.releases}


def test_an_unchanged_program_changes_nothing(checkout: Checkout) -> None:
    again = checkout.pulumi("up", "--stack=real", "--yes", "--skip-preview", "--suppress-progress", "--expect-no-changes")
    assert again.returncode == 0, again.stdout


def test_destroy_leaves_definitions_alone(checkout: Checkout) -> None:
    run = checkout.begin("destroy", "--stack=real", "--yes", "--skip-preview", "--suppress-progress")
    while run.poll() is None:
        end_hooks(checkout)
        time.sleep(1)
    assert run.returncode == 0, run.communicate()[0]
    assert left_behind(checkout) == []
