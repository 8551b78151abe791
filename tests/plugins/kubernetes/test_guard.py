from __future__ import annotations

import json

import pytest

from headroom.plugins.kubernetes.cluster import Cluster
from headroom.plugins.kubernetes.configuration import Options
from headroom.plugins.kubernetes.guard import ClusterRefused, refuse_distant, refuse_real_nodes
from tests.plugins.kubernetes.objects import Object


def node(version: str, **annotations: str) -> Object:
    metadata = {"name": "n", "annotations": {key.replace("__", "/"): value for key, value in annotations.items()}}
    return {"metadata": metadata, "status": {"nodeInfo": {"kubeletVersion": version}}}


@pytest.mark.parametrize("server", ["https://127.0.0.1:6443", "http://localhost:8080", "https://[::1]:6443", "https://127.8.9.10"])
def test_a_server_on_this_machine_is_served(server: str) -> None:
    refuse_distant(server)


@pytest.mark.parametrize(
    "server", ["https://10.0.0.1:6443", "https://abc.eks.amazonaws.com", "https://127.0.0.1.example.org", "kubernetes"]
)
def test_any_other_server_is_refused(server: str) -> None:
    with pytest.raises(ClusterRefused, match="refuses the cluster at"):
        refuse_distant(server)


@pytest.mark.parametrize("version", ["kwok-v0.8.0", "kwok-0.8.0", "fake", ""])
def test_nodes_without_a_kubelet_are_welcome(version: str) -> None:
    refuse_real_nodes([node(version)])


def test_a_node_that_calls_itself_fake_is_welcome_whatever_its_version() -> None:
    fake = node("v1.36.4")
    fake["metadata"]["annotations"] = {"kwok.x-k8s.io/node": "fake"}
    refuse_real_nodes([fake])


def test_one_real_node_is_enough_to_refuse() -> None:
    with pytest.raises(ClusterRefused, match="the real node n"):
        refuse_real_nodes([node("kwok-v0.8.0"), node("v1.36.4")])


def test_the_refusal_says_what_to_do() -> None:
    with pytest.raises(ClusterRefused, match="headroom sandbox up"):
        refuse_distant("https://10.0.0.1:6443")


def test_a_way_that_the_stand_in_does_not_go_is_no_cluster_that_is_gone() -> None:
    config = {
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:6443", "proxy-url": "http://127.0.0.1:3128"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "namespace": "team"}}],
        "current-context": "a",
    }
    cluster = Cluster(Options(kubeconfig=json.dumps(config)))
    with pytest.raises(ClusterRefused, match="proxy-url"):
        _ = cluster.client
    assert cluster.default_namespace == "team"
