"""What a stack would collide with in its cluster, each with the same cluster or stack mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headroom.desired import render
from headroom.desired.objects import Object
from headroom.doctor import Found, conflicts
from headroom.doctor.conflicts import service_of
from headroom.doctor.kinds import API_SERVICES, CLUSTER_POLICIES, DEFINITIONS, SERVICES
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
    service,
)
from tests.evidence import Proof
from tests.settings.stack_files import DEMO, accepted, changed

Told = Callable[..., dict[str, str]]

READY: dict[str, list[Object]] = {
    "API_SERVICES": [
        api_service("v1beta1.custom.metrics.k8s.io", "monitoring/prometheus-adapter"),
        api_service("v1beta1.external.metrics.k8s.io", "keda/keda-operator-metrics-apiserver"),
        api_service("v1beta1.metrics.k8s.io", "kube-system/metrics-server"),
    ],
    "DEFINITIONS": [
        definition(name)
        for name in (
            "podmonitors.monitoring.coreos.com",
            "scaledobjects.keda.sh",
            "ingressroutes.traefik.io",
            "leaderworkersets.leaderworkerset.x-k8s.io",
        )
    ],
    "SERVICES": [service("monitoring/prometheus-operated", 9090)],
}
"""A cluster that has what the stacks here need, and nothing else."""


def cluster(**more: list[Object]) -> Found:
    return found(**{**READY, **more})


def without(kind: str, name: str) -> Found:
    return found(**{**READY, kind: [item for item in READY[kind] if item["metadata"]["name"] != name]})


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """What is said, by path, of a good stack with a platform on a cluster; `keda` scales its server by KEDA, `eks` says where it is."""

    def of(there: Found, platform: dict[str, Any] | None = None, *, keda: bool = False, eks: bool = False) -> dict[str, str]:
        backend = [(f"{DEMO}/autoscaling/backend", "keda")] if keda else []
        where = [("headroom:cluster", {"provider": "existing", "name": "theirs", "distribution": "eks"})] if eks else []
        stack = accepted(tmp_path, changed(("headroom:platform", platform or {}), *backend, *where))
        return {problem.dotted: problem.message for problem in conflicts(there, stack, render(stack))}

    return of


def test_a_cluster_that_has_what_is_needed_is_fine(told: Told) -> None:
    assert told(cluster()) == {}


APIS = [
    ("metricsServer", "v1beta1.metrics.k8s.io", "kube-system/metrics-server"),
    ("prometheusAdapter", "v1beta1.custom.metrics.k8s.io", "monitoring/prometheus-adapter"),
    ("keda", "v1beta1.external.metrics.k8s.io", "keda/keda-operator-metrics-apiserver"),
]


@pytest.mark.proves("a second owner of a metrics API is refused before anything is applied", Proof.SCHEMA)
@pytest.mark.parametrize(("add_on", "version", "owner"), APIS)
def test_a_second_owner_of_a_metrics_api_is_refused(told: Told, add_on: str, version: str, owner: str) -> None:
    message = told(cluster(), {add_on: "helm"})[f"platform.{add_on}"]
    assert f"served by Service {owner} (APIService {version})" in message
    assert f"write platform.{add_on}: existing to use it" in message


@pytest.mark.parametrize(("add_on", "version", "owner"), APIS)
def test_the_owner_that_is_used_is_fine(told: Told, add_on: str, version: str, owner: str) -> None:
    assert told(cluster(), {add_on: "existing"}) == {}


@pytest.mark.parametrize(("add_on", "version", "owner"), APIS)
def test_an_owner_that_the_stack_installed_earlier_is_its_own(told: Told, add_on: str, version: str, owner: str) -> None:
    others = [api for api in READY["API_SERVICES"] if api["metadata"]["name"] != version]
    own = api_service(version, owner, release="ops/mine")
    there = cluster(
        API_SERVICES=[*others, own], DEFINITIONS=[READY["DEFINITIONS"][0], definition("scaledobjects.keda.sh", release="ops/mine")]
    )
    assert told(there, {add_on: {"mode": "helm", "namespace": "ops", "release": "mine"}}) == {}


def test_a_release_of_another_name_is_somebody_elses(told: Told) -> None:
    own = api_service("v1beta1.metrics.k8s.io", "ops/metrics-server", release="ops/theirs")
    message = told(cluster(API_SERVICES=[*READY["API_SERVICES"][:2], own]), {"metricsServer": "helm"})["platform.metricsServer"]
    assert "of Helm release theirs in namespace ops" in message


OF_EKS = [
    ("clusterAutoscaler", "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0"),
    ("awsLoadBalancerController", "public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0"),
]


@pytest.mark.parametrize(("add_on", "image"), OF_EKS)
def test_a_second_controller_of_what_aws_has_is_refused(told: Told, add_on: str, image: str) -> None:
    there = cluster(DEPLOYMENTS=[deployment("ops/theirs", image)])
    assert "runs in this cluster already (Deployment ops/theirs)" in told(there, {add_on: "helm"}, eks=True)[f"platform.{add_on}"]
    assert f"platform.{add_on}" not in told(there, {add_on: "existing"}, eks=True)


OPERATORS = [
    ({"monitoring": {"mode": "helm", "grafana": "none"}}, "monitoring", "quay.io/prometheus-operator/prometheus-operator:v0.93.1"),
    ({"lws": "helm"}, "lws", "registry.k8s.io/lws/lws:v0.9.0"),
]


@pytest.mark.parametrize(("platform", "add_on", "image"), OPERATORS)
def test_a_second_operator_of_every_namespace_is_refused(told: Told, platform: dict[str, Any], add_on: str, image: str) -> None:
    there = cluster(DEPLOYMENTS=[deployment("ops/theirs", image)])
    assert "runs in this cluster already (Deployment ops/theirs)" in told(there, platform)[f"platform.{add_on}"]


@pytest.mark.parametrize(("platform", "add_on", "image"), OPERATORS)
def test_an_operator_of_the_stacks_own_release_is_fine(
    told: Told, platform: dict[str, Any], add_on: str, image: str, tmp_path: Path
) -> None:
    settings = accepted(tmp_path, changed(("headroom:platform", platform))).platform.add_ons[add_on]
    there = cluster(DEPLOYMENTS=[deployment("ops/ours", image, release=f"{settings.namespace}/{settings.release}")])
    assert told(there, platform) == {}


def test_an_operator_of_some_namespaces_is_in_nobodys_way(told: Told) -> None:
    platform, _, image = OPERATORS[0]
    assert told(cluster(DEPLOYMENTS=[deployment("ops/theirs", image, "--namespaces=ops")]), platform) == {}


def test_kedas_managed_add_on_is_not_installed_twice(told: Told) -> None:
    """AKS runs it in kube-system."""
    managed = deployment("kube-system/keda-operator", "mcr.microsoft.com/oss/v2/kedacore/keda:v2.17.2")
    there = cluster(API_SERVICES=[READY["API_SERVICES"][0]], DEPLOYMENTS=[managed])
    assert "Deployment kube-system/keda-operator" in told(there, {"keda": "helm"})["platform.keda"]


NO_KEDA = [api for api in READY["API_SERVICES"] if "external" not in api["metadata"]["name"]]


def test_definitions_that_another_keda_left_are_to_be_handed_over(told: Told) -> None:
    message = told(cluster(API_SERVICES=NO_KEDA), {"keda": "helm"})["platform.keda"]
    assert "kubectl annotate crd scaledobjects.keda.sh --overwrite meta.helm.sh/release-name=keda" in message


def test_definitions_that_the_stacks_own_keda_left_are_its_own(told: Told) -> None:
    kept = definition("scaledobjects.keda.sh", release="keda/keda")
    there = cluster(API_SERVICES=NO_KEDA, DEFINITIONS=[READY["DEFINITIONS"][0], kept])
    assert told(there, {"keda": "helm"}) == {}


HELM_OPERATOR = {"gpuOperator": "helm"}


@pytest.mark.proves("a second device plugin is refused before anything is applied", Proof.SCHEMA)
def test_a_second_device_plugin_is_refused(told: Told) -> None:
    message = told(cluster(DAEMON_SETS=[device_plugin()]), HELM_OPERATOR)["platform.gpuOperator"]
    assert "DaemonSet kube-system/nvidia-device-plugin-daemonset" in message
    assert "write platform.gpuOperator: existing" in message


def test_a_device_plugin_that_is_used_is_fine(told: Told) -> None:
    assert told(cluster(DAEMON_SETS=[device_plugin(nodes=2)]), {"gpuOperator": "existing"}) == {}


def test_an_operator_without_a_device_plugin_goes_with_another_ones(told: Told) -> None:
    alone = {"gpuOperator": {"mode": "helm", "overrides": {"devicePlugin": {"enabled": False}}}}
    assert told(cluster(DAEMON_SETS=[device_plugin(nodes=2)]), alone) == {}


def test_the_device_plugin_of_the_stacks_own_operator_is_fine(told: Told) -> None:
    policy = {"metadata": metadata("cluster-policy", release="gpu-operator/gpu-operator")}
    there = cluster(DAEMON_SETS=[device_plugin(nodes=2, policy="cluster-policy")], CLUSTER_POLICIES=[policy])
    assert told(there, HELM_OPERATOR) == {}


def test_an_operators_device_plugin_is_nobodys_while_its_policy_may_not_be_read(told: Told) -> None:
    there = forbidden(CLUSTER_POLICIES, **READY, DAEMON_SETS=[device_plugin(nodes=2, policy="cluster-policy")])
    assert told(there, HELM_OPERATOR) == {}


def test_a_second_gpu_operator_is_refused(told: Told) -> None:
    there = cluster(CLUSTER_POLICIES=[{"metadata": metadata("cluster-policy", release="nvidia/theirs")}])
    assert "ClusterPolicy cluster-policy" in told(there, HELM_OPERATOR)["platform.gpuOperator"]


GKE = "cloud.google.com/gke-accelerator"


def test_gkes_device_plugin_is_in_the_way_where_it_runs(told: Told) -> None:
    there = cluster(DAEMON_SETS=[device_plugin("kube-system/nvidia-gpu-device-plugin", affinity=GKE, nodes=1)])
    assert "label the GPU nodes gke-no-default-nvidia-gpu-device-plugin=true" in told(there, HELM_OPERATOR)["platform.gpuOperator"]


def test_gkes_device_plugin_is_not_in_the_way_of_nodes_that_keep_it_off(told: Told) -> None:
    """Its DaemonSets are in every cluster of GKE."""
    there = cluster(DAEMON_SETS=[device_plugin("kube-system/nvidia-gpu-device-plugin", affinity=GKE, nodes=0)])
    assert told(there, HELM_OPERATOR) == {}


def test_a_device_plugin_in_the_nodes_image_counts(told: Told) -> None:
    there = cluster(NODES=[node("gpu", gpus=1, image="Bottlerocket OS 1.50.0 (aws-k8s-1.34-nvidia)")])
    message = told(there, HELM_OPERATOR)["platform.gpuOperator"]
    assert "the image of node gpu" in message
    assert "platform.gpuOperator.nodes" in message


DEFAULT_CLASS = {"traefik": {"mode": "helm", "defaultIngressClass": True}}


@pytest.mark.proves("a second default ingress class is refused before anything is applied", Proof.SCHEMA)
def test_a_second_default_ingress_class_is_refused(told: Told) -> None:
    message = told(cluster(INGRESS_CLASSES=[ingress_class("nginx", default=True)]), DEFAULT_CLASS)["platform.traefik"]
    assert "a second default ingress class beside nginx" in message
    assert "platform.traefik.defaultIngressClass: false" in message


@pytest.mark.parametrize(
    ("classes", "platform"),
    [
        ([ingress_class("nginx")], DEFAULT_CLASS),
        ([ingress_class("nginx", default=True)], {"traefik": "helm"}),
        ([ingress_class("traefik", default=True, release="traefik/traefik")], DEFAULT_CLASS),
    ],
    ids=["the other is no default", "ours is no default", "it is the stack's own"],
)
def test_one_default_ingress_class_is_fine(told: Told, classes: list[Object], platform: dict[str, Any]) -> None:
    assert told(cluster(INGRESS_CLASSES=classes), platform) == {}


ADAPTER = {"prometheusAdapter": "helm"}
NO_ADAPTER = [api for api in READY["API_SERVICES"] if "custom" not in api["metadata"]["name"]]


@pytest.mark.proves("an adapter pointing at a Prometheus that is not there is refused before anything is applied", Proof.SCHEMA)
def test_an_adapter_that_would_ask_a_prometheus_that_is_not_there_is_refused(told: Told) -> None:
    there = cluster(API_SERVICES=NO_ADAPTER, SERVICES=[service("observability/prometheus-server", 9090)])
    message = told(there, ADAPTER)["platform.prometheusAdapter"]
    assert "there is no Service prometheus-operated in namespace monitoring" in message
    assert "this cluster has prometheus-server in namespace observability" in message


def test_without_any_prometheus_installing_one_is_the_remedy(told: Told) -> None:
    message = told(cluster(API_SERVICES=NO_ADAPTER, SERVICES=[]), ADAPTER)["platform.prometheusAdapter"]
    assert message.endswith("write platform.monitoring: helm to install one")


def test_an_adapter_whose_prometheus_is_there_is_fine(told: Told) -> None:
    assert told(cluster(API_SERVICES=NO_ADAPTER), ADAPTER) == {}


def test_an_adapter_whose_prometheus_comes_with_the_same_update_is_fine(told: Told) -> None:
    there = found(API_SERVICES=NO_ADAPTER, SERVICES=[])
    assert told(there, {**ADAPTER, "monitoring": {"mode": "helm", "grafana": "none"}, "keda": "none"}) == {}


def test_an_override_that_leads_astray_is_seen(told: Told) -> None:
    astray = {"prometheusAdapter": {"mode": "helm", "overrides": {"prometheus": {"url": "http://prometheus-operated.elsewhere.svc"}}}}
    message = told(cluster(API_SERVICES=NO_ADAPTER), astray)["platform.prometheusAdapter"]
    assert "no Service prometheus-operated in namespace elsewhere" in message


def test_an_existing_adapter_that_leads_astray_is_seen(told: Told) -> None:
    adapter = deployment("monitoring/adapter", "prometheus-adapter:v0.12.0", "--prometheus-url=http://gone.monitoring.svc:9090/")
    message = told(cluster(DEPLOYMENTS=[adapter]))["platform.prometheusAdapter"]
    assert "no Service gone in namespace monitoring" in message


def test_a_service_without_the_port_is_no_prometheus(told: Told) -> None:
    there = cluster(API_SERVICES=NO_ADAPTER, SERVICES=[service("monitoring/prometheus-operated", 80)])
    message = told(there, ADAPTER)["platform.prometheusAdapter"]
    assert "Service prometheus-operated in namespace monitoring has no port 9090, but 80" in message


def test_a_service_that_stands_for_a_name_outside_the_cluster_has_no_ports(told: Told) -> None:
    assert told(cluster(API_SERVICES=NO_ADAPTER, SERVICES=[service("monitoring/prometheus-operated")]), ADAPTER) == {}


def test_a_prometheus_outside_the_cluster_cannot_be_told_from_here(told: Told) -> None:
    outside = {"prometheusAdapter": {"mode": "helm", "overrides": {"prometheus": {"url": "https://prometheus.example.com"}}}}
    assert told(cluster(API_SERVICES=NO_ADAPTER), outside) == {}


def test_a_server_of_keda_whose_prometheus_is_not_there_is_refused(told: Told) -> None:
    message = told(cluster(SERVICES=[]), keda=True)["platform.monitoring"]
    assert "its servers look for Prometheus" in message


def test_a_server_of_keda_whose_prometheus_is_there_is_fine(told: Told) -> None:
    assert told(cluster(), keda=True) == {}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://prometheus-operated.monitoring.svc:9090", ("monitoring", "prometheus-operated")),
        ("https://p.m.svc.cluster.local/prefix", ("m", "p")),
        ("http://p.m.svc.cluster.local.:9090", ("m", "p")),
        ("https://prometheus.example.com", None),
        ("", None),
    ],
)
def test_the_service_of_a_url(url: str, place: tuple[str, str] | None) -> None:
    assert service_of(url) == place


def test_kinds_that_the_cluster_does_not_know_are_refused(told: Told) -> None:
    message = told(without("DEFINITIONS", "scaledobjects.keda.sh"), keda=True)["platform.keda"]
    assert "this cluster does not know ScaledObject (keda.sh)" in message
    assert "write platform.keda: helm" in message


CERTIFICATE = {
    "headroom:platform": {"traefik": {"mode": "helm", "tls": {"issuer": "company"}}},
    f"{DEMO}/route": {"host": "demo.example.com"},
}


def test_certificates_without_cert_manager_are_refused(tmp_path: Path) -> None:
    stack = accepted(tmp_path, changed(*CERTIFICATE.items()))
    (problem,) = conflicts(cluster(), stack, render(stack))
    assert problem.message.startswith("need Certificate (cert-manager.io), which this cluster does not know")


def test_certificates_with_cert_manager_are_fine(tmp_path: Path) -> None:
    stack = accepted(tmp_path, changed(*CERTIFICATE.items()))
    there = cluster(DEFINITIONS=[*READY["DEFINITIONS"], definition("certificates.cert-manager.io")])
    assert conflicts(there, stack, render(stack)) == []


def test_kinds_that_the_update_brings_are_fine(told: Told) -> None:
    there = found(API_SERVICES=NO_ADAPTER, SERVICES=[], DEFINITIONS=[])
    assert told(there, {**ADAPTER, "monitoring": {"mode": "helm", "grafana": "none"}}) == {}


def test_an_api_that_nobody_serves_is_refused_where_a_server_reads_it(told: Told) -> None:
    message = told(cluster(API_SERVICES=NO_ADAPTER))["platform.prometheusAdapter"]
    assert "nothing serves custom.metrics.k8s.io" in message


def test_an_api_that_nobody_reads_need_not_be_there(told: Told) -> None:
    assert told(cluster(API_SERVICES=NO_ADAPTER), keda=True) == {}


def test_what_may_not_be_read_is_no_reason_to_refuse(told: Told) -> None:
    assert told(forbidden(API_SERVICES, DEFINITIONS, SERVICES), keda=True) == {}
