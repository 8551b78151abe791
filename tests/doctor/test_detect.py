"""What the objects of a cluster are taken for."""

from __future__ import annotations

import pytest

from headroom.doctor.found import HelmRelease
from headroom.doctor.kinds import SERVICES
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


def test_only_the_three_metrics_apis_are_looked_at() -> None:
    told = found(API_SERVICES=[api_service("v1beta1.metrics.k8s.io", "kube-system/metrics-server"), api_service("v1.apps", "")])
    assert [(api.group, api.service) for api in told.apis] == [("metrics.k8s.io", "kube-system/metrics-server")]


def test_an_api_that_is_not_available_says_why() -> None:
    told = found(API_SERVICES=[api_service("v1beta1.metrics.k8s.io", "a/b", available=False, message="no endpoints")])
    assert [(api.available, api.why) for api in told.apis] == [(False, "no endpoints")]


def test_what_helm_made_names_its_release() -> None:
    told = found(API_SERVICES=[api_service("v1beta1.metrics.k8s.io", "a/b", release="ops/metrics")])
    assert told.apis[0].release == HelmRelease("ops", "metrics")


@pytest.mark.parametrize(
    ("image", "add_on", "version"),
    [
        ("quay.io/prometheus-operator/prometheus-operator:v0.93.1", "monitoring", "v0.93.1"),
        ("registry.k8s.io/prometheus-adapter/prometheus-adapter:v0.12.0", "prometheusAdapter", "v0.12.0"),
        ("ghcr.io/kedacore/keda:2.20.2", "keda", "2.20.2"),
        ("registry.example.com:5000/keda@sha256:00", "keda", ""),
        ("registry.k8s.io/metrics-server/metrics-server:v0.8.1", "metricsServer", "v0.8.1"),
        ("nvcr.io/nvidia/gpu-operator:v26.7.0", "gpuOperator", "v26.7.0"),
        ("registry.k8s.io/lws/lws:v0.9.0", "lws", "v0.9.0"),
        ("docker.io/traefik:v3.7.11", "traefik", "v3.7.11"),
        ("public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0", "awsLoadBalancerController", "v3.5.0"),
    ],
)
def test_controllers_are_known_by_their_image_wherever_it_comes_from(image: str, add_on: str, version: str) -> None:
    told = found(DEPLOYMENTS=[deployment("ops/anything", image)])
    assert [(each.add_on, each.version) for each in told.controllers] == [(add_on, version)]


@pytest.mark.parametrize(
    "image", ["quay.io/prometheus-operator/prometheus-config-reloader:v0.93.1", "ghcr.io/kedacore/keda-metrics-apiserver:2.20.2"]
)
def test_what_runs_beside_a_controller_is_not_one(image: str) -> None:
    assert found(DEPLOYMENTS=[deployment("ops/anything", image)]).controllers == ()


def test_an_adapter_says_which_prometheus_it_asks() -> None:
    told = found(DEPLOYMENTS=[deployment("ops/adapter", "prometheus-adapter:v0.12.0", "--prometheus-url=http://p.m.svc:9090")])
    assert told.controllers[0].prometheus == "http://p.m.svc:9090"


def test_an_operator_that_is_told_its_namespaces_leaves_the_others_alone() -> None:
    told = found(DEPLOYMENTS=[deployment("ops/operator", "prometheus-operator:v0.93.1", "--namespaces=ops")])
    assert not told.controllers[0].everywhere


@pytest.mark.parametrize(
    ("selector", "demanded"),
    [({}, {}), ({"matchLabels": {"release": "kps"}}, {"release": "kps"}), (None, None)],
)
def test_a_prometheus_says_which_labels_monitors_need(selector: dict | None, demanded: dict | None) -> None:
    assert found(PROMETHEUSES=[prometheus(podMonitorSelector=selector)]).prometheuses[0].monitors == demanded


def test_expressions_in_selectors_are_not_guessed_at() -> None:
    selector = {"matchExpressions": [{"key": "team", "operator": "Exists"}]}
    assert not found(PROMETHEUSES=[prometheus(ruleSelector=selector)]).prometheuses[0].told


def test_a_selector_of_namespaces_that_is_left_out_means_its_own_alone() -> None:
    assert not found(PROMETHEUSES=[prometheus(podMonitorNamespaceSelector=None)]).prometheuses[0].all_namespaces


def test_a_prometheus_without_an_operator_is_known_by_its_service() -> None:
    services = [service("ops/prometheus-server", 9090), service("ops/prometheus-node-exporter", 9100), service("ops/kafka", 9090)]
    assert [each.name for each in found(SERVICES=services).prometheus_services] == ["prometheus-server"]


def test_the_default_ingress_class_is_known() -> None:
    told = found(INGRESS_CLASSES=[ingress_class("nginx", default=True), ingress_class("other")])
    assert [(known.name, known.default) for known in told.ingress_classes] == [("nginx", True), ("other", False)]


def test_a_device_plugin_is_known_by_the_directory_of_its_socket() -> None:
    """NVIDIA's feature discovery and MPS daemon come with the same image and offer nothing."""
    sets = [device_plugin(), device_plugin("ops/gpu-feature-discovery", directory="/etc/kubernetes/node-feature-discovery/features.d")]
    assert [plugin.name for plugin in found(DAEMON_SETS=sets).device_plugins] == ["nvidia-device-plugin-daemonset"]


def test_what_a_gpu_operator_makes_belongs_to_the_release_of_its_policy() -> None:
    policy = {"metadata": metadata("cluster-policy", release="gpu-operator/gpu-operator")}
    told = found(DAEMON_SETS=[device_plugin(policy="cluster-policy")], CLUSTER_POLICIES=[policy])
    assert told.device_plugins[0].release == HelmRelease("gpu-operator", "gpu-operator")


@pytest.mark.parametrize(
    ("one", "distribution"),
    [
        (node(labels={"eks.amazonaws.com/nodegroup": "gpu"}), "eks"),
        (node(version="v1.34.2-eks-1a2b3c4"), "eks"),
        (node(labels={"eks.amazonaws.com/compute-type": "auto"}, version="v1.34.2-eks-1a2b3c4"), "eks-auto"),
        (node(labels={"cloud.google.com/gke-nodepool": "gpu"}), "gke"),
        (node(labels={"kubernetes.azure.com/cluster": "mc"}), "aks"),
        (node(annotations={"kwok.x-k8s.io/node": "fake"}), "kwok"),
        (node(), "other"),
    ],
)
def test_nodes_tell_the_kind_of_cluster(one: dict, distribution: str) -> None:
    assert found(NODES=[node("first"), one]).distribution == distribution


def test_a_node_without_gpus_is_no_gpu_node() -> None:
    assert found(NODES=[node(), node("gpu", gpus=4)]).gpu_nodes[0].name == "gpu"


def test_a_gpu_that_nobody_offers_yet_is_seen_by_its_label() -> None:
    told = found(NODES=[node(labels={"cloud.google.com/gke-accelerator": "nvidia-l4"})])
    assert [(each.gpus, each.product) for each in told.gpu_nodes] == [(0, "nvidia-l4")]


@pytest.mark.parametrize(
    ("one", "built_in"),
    [
        (node(gpus=1, image="Bottlerocket OS 1.50.0 (aws-k8s-1.34-nvidia)"), True),
        (node(gpus=1, labels={"eks.amazonaws.com/compute-type": "auto"}), True),
        (node(gpus=1, image="Amazon Linux 2023.9.20260714"), False),
    ],
)
def test_an_image_that_brings_the_device_plugin_is_known(one: dict, built_in: bool) -> None:
    assert [each.plugin_built_in for each in found(NODES=[one]).gpu_nodes] == [built_in]


def test_a_release_is_named_once_however_many_revisions_it_has() -> None:
    secrets = [{"metadata": metadata(f"sh.helm.release.v1.keda.v{n}", "keda", labels={"name": "keda"})} for n in (1, 2)]
    assert found(RELEASES=secrets).releases == (HelmRelease("keda", "keda"),)


def test_definitions_are_known_by_name() -> None:
    assert set(found(DEFINITIONS=[definition("scaledobjects.keda.sh")]).definitions) == {"scaledobjects.keda.sh"}


def test_nothing_is_concluded_from_what_was_not_read() -> None:
    assert not forbidden(SERVICES).knows(SERVICES)
