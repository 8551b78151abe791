"""Add-ons as Helm releases, as the engine is told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.charts import LWS, METRICS_SERVER
from tests.components.program import Refused, Registered, run_program, stack_config

RELEASE = "kubernetes:helm.sh/v3:Release"


def releases(**platform: Any) -> dict[str, Registered]:
    """By the name that Helm knows them under."""
    local = stack_config("local")
    local["headroom:platform"] = {**local["headroom:platform"], "prometheusAdapter": "existing", **platform}
    return {one.inputs["name"]: one for one in run_program("local", local).resources if one.type == RELEASE}


def test_a_release_is_all_or_nothing_and_forgets_values_that_went() -> None:
    inputs = releases(metricsServer="helm")["metrics-server"].inputs
    assert (inputs["atomic"], inputs["resetValues"], inputs["timeout"]) == (True, True, 900)


def test_pulumi_waits_longer_than_helm() -> None:
    timeouts = releases(metricsServer="helm")["metrics-server"].timeouts
    assert set(timeouts.values()) == {"1200s"}


def test_a_chart_is_taken_from_its_publisher_where_no_source_is_said() -> None:
    inputs = releases(metricsServer="helm")["metrics-server"].inputs
    assert inputs["chart"] == METRICS_SERVER.name
    assert inputs["repositoryOpts"] == {"repo": METRICS_SERVER.repository}


def test_a_chart_of_a_registry_is_named_with_it() -> None:
    inputs = releases(metricsServer="helm", charts={"source": "oci://registry.example.com/charts/"})["metrics-server"].inputs
    assert inputs["chart"] == "oci://registry.example.com/charts/metrics-server"
    assert "repositoryOpts" not in inputs


def test_a_chart_of_a_directory_is_named_relative_to_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / METRICS_SERVER.archive).touch()
    monkeypatch.chdir(tmp_path)
    inputs = releases(metricsServer="helm", charts={"source": "mirror"})["metrics-server"].inputs
    assert inputs["chart"] == f"./mirror/{METRICS_SERVER.archive}"


def test_a_chart_that_a_directory_lacks_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=rf"{tmp_path} has no {METRICS_SERVER.archive}. `headroom charts {tmp_path}` fetches"):
        releases(metricsServer="helm", charts={"source": str(tmp_path)})


def test_definitions_of_a_mirror_come_first_and_are_taken_over() -> None:
    found = releases(lws="helm", charts={"source": "oci://registry.example.com/charts"})
    definitions, release = found["lws-definitions"], found["lws"]
    assert definitions.inputs["takeOwnership"] is True
    assert definitions.inputs["version"] == LWS.version
    assert definitions.name in release.dependencies
    assert release.inputs["skipCrds"] is True


def test_definitions_come_with_a_publishers_own_chart() -> None:
    found = releases(lws="helm")
    assert "lws-definitions" not in found
    assert found["lws"].inputs["skipCrds"] is False
