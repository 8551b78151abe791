"""What is written for a cluster as it was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.doctor import Found, advise, conflicts, differences
from headroom.doctor.advice import as_platform
from headroom.doctor.kinds import API_SERVICES
from headroom.doctor.loop import Loop
from headroom.doctor.text import ailments, as_json, platform_text
from headroom.settings import Stack
from tests.doctor.objects import (
    api_service,
    definition,
    deployment,
    device_plugin,
    forbidden,
    found,
    ingress_class,
    metadata,
    node,
    prometheus,
    service,
)
from tests.settings.stack_files import DEMO, accepted, changed

Make = Callable[..., Stack]
ON_PREMISES = ("headroom:cluster", {"provider": "existing", "name": "prod"})


@pytest.fixture
def stack(tmp_path: Path) -> Make:
    """A good stack on a company's cluster; `keda` scales its server by KEDA."""

    def of(platform: dict[str, Any] | None = None, *, keda: bool = False) -> Stack:
        backend = [(f"{DEMO}/autoscaling/backend", "keda")] if keda else []
        return accepted(tmp_path, changed(ON_PREMISES, ("headroom:platform", platform or {}), *backend))

    return of


def advised(there: Found, stack: Stack) -> dict[str, Any]:
    return dict(as_platform(advise(there, stack, render(stack))))


def reasons(there: Found, stack: Stack) -> dict[str, str]:
    return {advice.add_on: advice.because for advice in advise(there, stack, render(stack))}


def test_an_empty_cluster_is_to_get_what_the_servers_need(stack: Make) -> None:
    assert advised(found(), stack(keda=True)) == {
        "gpuOperator": "helm",
        "monitoring": "helm",
        "metricsServer": "none",
        "prometheusAdapter": "none",
        "keda": "helm",
        "traefik": "none",
        "lws": "none",
    }


def test_the_adapter_is_for_servers_of_backend_hpa(stack: Make) -> None:
    told = advised(found(), stack())
    assert (told["prometheusAdapter"], told["keda"]) == ("helm", "none")


def test_what_serves_an_api_is_used_where_it_is(stack: Make) -> None:
    there = found(API_SERVICES=[api_service("v1beta1.external.metrics.k8s.io", "kube-system/keda-operator-metrics-apiserver")])
    assert advised(there, stack())["keda"] == {"mode": "existing", "namespace": "kube-system"}


def test_a_prometheus_is_used_with_the_labels_that_it_selects_by(stack: Make) -> None:
    selector = {"matchLabels": {"release": "kps"}}
    there = found(PROMETHEUSES=[prometheus("observability/kps", podMonitorSelector=selector, ruleSelector=selector)])
    assert advised(there, stack())["monitoring"] == {
        "mode": "existing",
        "namespace": "observability",
        "labels": {"release": "kps"},
    }


def test_of_several_prometheuses_the_one_that_the_stack_names_is_meant(stack: Make) -> None:
    there = found(PROMETHEUSES=[prometheus("alpha/a"), prometheus("team/b")])
    assert advised(there, stack({"monitoring": {"namespace": "team"}}))["monitoring"] == {"mode": "existing", "namespace": "team"}


def test_a_prometheus_that_selects_nothing_is_told_of(stack: Make) -> None:
    there = found(PROMETHEUSES=[prometheus(podMonitorSelector=None)])
    assert "it selects no PodMonitors" in reasons(there, stack())["monitoring"]


def test_a_prometheus_without_its_operator_does_not_read_monitors(stack: Make) -> None:
    there = found(SERVICES=[service("ops/prometheus-server", 9090)])
    assert advised(there, stack())["monitoring"] == "helm"


@pytest.mark.parametrize(
    "lists",
    [
        {"DAEMON_SETS": [device_plugin(nodes=1)]},
        {"CLUSTER_POLICIES": [{"metadata": metadata("cluster-policy")}]},
        {"NODES": [node(gpus=1)]},
        {"NODES": [node(labels={"eks.amazonaws.com/compute-type": "auto"})]},
    ],
    ids=["a device plugin", "an operator", "GPUs on offer", "Auto Mode"],
)
def test_gpus_that_somebody_offers_are_used(stack: Make, lists: dict[str, list[Any]]) -> None:
    assert advised(found(**lists), stack())["gpuOperator"] == "existing"


def test_gkes_device_plugin_that_runs_nowhere_offers_nothing(stack: Make) -> None:
    there = found(DAEMON_SETS=[device_plugin(affinity="cloud.google.com/gke-accelerator")])
    assert advised(there, stack())["gpuOperator"] == "helm"


def test_what_the_stack_installed_stays_its_own(stack: Make) -> None:
    there = found(API_SERVICES=[api_service("v1beta1.external.metrics.k8s.io", "keda/a", release="keda/keda")])
    assert advised(there, stack({"keda": "helm"}))["keda"] == "helm"


def test_a_controller_says_where_it_is(stack: Make) -> None:
    there = found(DEPLOYMENTS=[deployment("edge/traefik", "docker.io/traefik:v3.7.11")])
    assert advised(there, stack())["traefik"] == {"mode": "existing", "namespace": "edge"}


def test_what_may_not_be_read_is_not_advised(stack: Make) -> None:
    there = forbidden(API_SERVICES)
    assert "keda" not in advised(there, stack())
    assert reasons(there, stack())["keda"].startswith("cannot be told: apiservices.apiregistration.k8s.io: you may not list them")


def a_company() -> Found:
    """A cluster as a company has it."""
    return found(
        API_SERVICES=[
            api_service("v1beta1.metrics.k8s.io", "kube-system/metrics-server"),
            api_service("v1beta1.external.metrics.k8s.io", "scaling/keda-operator-metrics-apiserver"),
        ],
        DEFINITIONS=[definition("podmonitors.monitoring.coreos.com"), definition("scaledobjects.keda.sh")],
        PROMETHEUSES=[prometheus("observability/kps", podMonitorSelector={"matchLabels": {"release": "kps"}})],
        SERVICES=[service("observability/prometheus-operated", 9090)],
        DAEMON_SETS=[device_plugin(nodes=3)],
    )


def test_what_is_advised_is_accepted_and_collides_with_nothing(stack: Make) -> None:
    there = a_company()
    mended = stack(advised(there, stack(keda=True)), keda=True)
    assert (conflicts(there, mended, render(mended)), differences(there, mended, render(mended))) == ([], [])


def test_every_difference_has_its_place(stack: Make) -> None:
    told = stack({"monitoring": "existing", "metricsServer": "helm"}, keda=True)
    places = {problem.dotted for problem in differences(a_company(), told, render(told))}
    assert places == {
        "platform.monitoring.namespace",
        "platform.monitoring.labels",
        "platform.metricsServer",
        "platform.keda.namespace",
        "platform.prometheusAdapter",
    }


def test_what_no_server_needs_may_be_left_out_although_it_is_there(stack: Make) -> None:
    none = stack({**advised(a_company(), stack()), "keda": "none"})
    assert "platform.keda" not in {problem.dotted for problem in differences(a_company(), none, render(none))}


def test_a_cluster_of_another_kind_than_was_said_is_told_of(stack: Make) -> None:
    there = found(NODES=[node(labels={"kubernetes.azure.com/cluster": "mc"})])
    told = stack()
    assert "cluster.distribution" in {problem.dotted for problem in differences(there, told, render(told))}


def test_the_block_can_be_pasted(stack: Make) -> None:
    lines = platform_text(advise(a_company(), stack(keda=True), render(stack(keda=True)))).splitlines()
    assert lines[0] == "headroom:platform:"
    assert lines[2].startswith("  monitoring: {mode: existing, namespace: observability, labels: {release: kps}}")


@pytest.mark.parametrize(
    ("there", "word"),
    [
        (found(API_SERVICES=[api_service("v1beta1.metrics.k8s.io", "a/b", available=False, message="gone")]), "not available (gone)"),
        (found(INGRESS_CLASSES=[ingress_class("a", default=True), ingress_class("b", default=True)]), "2 default ingress classes (a, b)"),
        (found(DAEMON_SETS=[device_plugin(nodes=1), device_plugin("ops/nvidia", nodes=1)]), "2 device plugins"),
    ],
)
def test_what_is_wrong_with_the_cluster_itself_is_said(there: Found, word: str) -> None:
    assert [word in line for line in ailments(there)] == [True]


def test_a_healthy_cluster_has_no_ailments() -> None:
    assert list(ailments(a_company())) == []


def test_a_program_gets_everything(stack: Make) -> None:
    told = stack({"metricsServer": "helm"}, keda=True)
    desired = render(told)
    there = a_company()
    answer = as_json(
        there, conflicts(there, told, desired), differences(there, told, desired), advise(there, told, desired), [Loop("asr", "inference")]
    )
    assert answer["version"] == 1
    assert [problem["path"] for problem in answer["conflicts"]] == ["platform.monitoring", "platform.metricsServer"][::-1]
    assert answer["platform"]["keda"] == {"mode": "existing", "namespace": "scaling"}
    assert [loop["summary"] for loop in answer["loops"]] == ["asr in inference: not applied yet"]
