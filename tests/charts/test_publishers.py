"""`headroom charts` with the real Helm, from publishers on loopback: a repository over HTTP and a real OCI registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from headroom import tools
from headroom.catalog.charts import KEDA, Chart
from headroom.charts import cli
from headroom.charts.mirror import SUMS
from headroom.paths import Clone
from headroom.sandbox import pki
from headroom.sandbox.layout import Layout
from tests.charts import publishers
from tests.evidence import Proof
from tests.helm_charts import chart
from tests.sandbox.helm import registry

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Chart]]:
    tools.require("helm", "oci-registry")
    directory, layout = tmp_path_factory.mktemp("published"), Layout(Clone(tmp_path_factory.mktemp("authorities")))
    pki.ensure(layout)
    files = (layout.certificate("localhost"), layout.key("localhost"), layout.certificate("ca"))
    with (
        registry.running(tmp_path_factory.mktemp("registry"), *files) as oci,
        publishers.repository(directory) as url,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SSL_CERT_FILE", str(oci.authority))
        patch.setenv("NO_PROXY", "127.0.0.1")
        for place in ("CACHE", "CONFIG", "DATA"):
            patch.setenv(f"HELM_{place}_HOME", str(tmp_path_factory.mktemp(place.lower())))
        yield publishers.publish(directory, oci, url)


@pytest.fixture
def charts(published: Mapping[str, Chart], monkeypatch: pytest.MonkeyPatch) -> dict[str, Chart]:
    there = dict(published)
    monkeypatch.setattr(cli, "CHARTS", there)
    # What the tests' charts hold is not what is kept of the published ones.
    monkeypatch.setattr(cli, "departures", lambda _: [])
    return there


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["charts", *arguments])


@pytest.mark.proves("every pinned chart is fetched from a repository and a registry, checked and recorded", Proof.SIMULATOR)
def test_a_directory_is_filled_with_every_chart(charts: dict[str, Chart], tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.exit_code == 0, done.output
    definitions = [chart.of_definitions for chart in charts.values() if chart.keeps_definitions_old]
    wanted = {chart.archive for chart in (*charts.values(), *definitions)}
    assert {path.name for path in tmp_path.iterdir()} == wanted | {SUMS}
    assert {line.split()[1] for line in (tmp_path / SUMS).read_text().splitlines()} == wanted
    assert run(str(tmp_path), "--check").exit_code == 0


def test_what_is_there_is_not_fetched_again(charts: dict[str, Chart], tmp_path: Path) -> None:
    for pinned in charts.values():
        if pinned is not charts[KEDA.name]:
            chart(tmp_path, pinned.name, pinned.version, {"crds/widgets.yaml": "# nothing\n"})
    done = run(str(tmp_path))
    assert [line.split()[0] for line in done.output.splitlines() if "fetched from" in line] == [KEDA.name]


def test_a_publisher_that_does_not_answer_is_named_with_the_way_round(charts: dict[str, Chart], tmp_path: Path) -> None:
    charts.clear()
    charts[KEDA.name] = Chart("keda", "9.9.9", "http://127.0.0.1:9")
    done = run(str(tmp_path))
    assert done.exit_code == 1
    assert "keda 9.9.9 cannot be had from http://127.0.0.1:9" in done.output
    assert "Run this where there is a network" in done.output


def test_a_version_that_its_publisher_has_not_is_named(charts: dict[str, Chart], tmp_path: Path) -> None:
    there = charts[KEDA.name]
    charts.clear()
    charts[KEDA.name] = Chart("keda", "9.9.9", there.repository)
    done = run(str(tmp_path))
    assert done.exit_code == 1
    assert f"keda 9.9.9 cannot be had from {there.repository}" in done.output
    assert not list(tmp_path.iterdir())
