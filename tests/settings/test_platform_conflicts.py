"""What a stack file alone says twice about its platform, each with the same stack mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evidence import Proof
from tests.settings.stack_files import accepted, changed, problems

ON_AKS = ("headroom:cluster", {"provider": "existing", "name": "prod", "distribution": "aks"})


def platform(**settings: Any) -> tuple[str, dict[str, Any]]:
    return "headroom:platform", settings


@pytest.mark.proves("what a cloud ships is not installed a second time", Proof.SCHEMA)
def test_what_the_cloud_ships_is_not_installed_twice(tmp_path: Path) -> None:
    assert problems(tmp_path, changed(ON_AKS, platform(metricsServer="helm")))["platform.metricsServer"] == (
        "AKS runs metrics-server itself, and a second one would break both: set existing"
    )


def test_what_the_cloud_ships_may_be_used(tmp_path: Path) -> None:
    assert accepted(tmp_path, changed(ON_AKS, platform(metricsServer="existing")))


RULES = [("external", "keda", "external.metrics.k8s.io"), ("resource", "metricsServer", "metrics.k8s.io")]


def adapter(rules: str) -> dict[str, Any]:
    return {"mode": "helm", "overrides": {"rules": {rules: [{"seriesQuery": "a"}]}}}


@pytest.mark.parametrize(("rules", "owner", "api"), RULES)
def test_an_adapter_that_takes_anothers_api_is_refused(tmp_path: Path, rules: str, owner: str, api: str) -> None:
    found = problems(tmp_path, changed(platform(prometheusAdapter=adapter(rules))))
    assert f"a second owner of {api}, which platform.{owner} has" in found[f"platform.prometheusAdapter.overrides.rules.{rules}"]


@pytest.mark.parametrize(("rules", "owner", "api"), RULES)
def test_an_api_that_nobody_else_has_is_the_adapters(tmp_path: Path, rules: str, owner: str, api: str) -> None:
    assert accepted(tmp_path, changed(platform(prometheusAdapter=adapter(rules), **{owner: "none"})))


SAME = {"mode": "helm", "namespace": "platform", "release": "one"}


def test_two_releases_of_one_name_are_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, changed(platform(keda=SAME, metricsServer=SAME)))
    assert found == {
        "platform.metricsServer.release": "is platform.keda's name already in namespace platform, and Helm knows a release by it: give one "
        "of them another"
    }


@pytest.mark.parametrize("other", [{"release": "two"}, {"namespace": "elsewhere"}, {"mode": "existing"}])
def test_a_release_of_another_name_place_or_mode_is_fine(tmp_path: Path, other: dict[str, str]) -> None:
    assert accepted(tmp_path, changed(platform(keda=SAME, metricsServer=SAME | other)))


BOTTLEROCKET = ("headroom:cluster", {"provider": "existing", "name": "prod", "distribution": "eks"})


def operator(*, plugin: bool) -> dict[str, Any]:
    return {"mode": "helm", "nodes": "bottlerocket", "overrides": {"devicePlugin": {"enabled": plugin}}}


def test_a_device_plugin_beside_that_of_the_nodes_image_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, changed(BOTTLEROCKET, platform(gpuOperator=operator(plugin=True))))
    assert list(found) == ["platform.gpuOperator.overrides.devicePlugin.enabled"]


def test_the_device_plugin_of_the_nodes_image_alone_is_fine(tmp_path: Path) -> None:
    assert accepted(tmp_path, changed(BOTTLEROCKET, platform(gpuOperator=operator(plugin=False))))
