from __future__ import annotations

import copy
from typing import Any

import pytest

from headroom.plugins.kubernetes.normalise import normalise
from headroom.plugins.kubernetes.properties import UNKNOWN
from tests.plugins.kubernetes.objects import config_map, deployment, with_container


def container(obj: dict[str, Any]) -> dict[str, Any]:
    return obj["spec"]["template"]["spec"]["containers"][0]


def test_an_unknown_field_of_a_kubernetes_kind_falls_away() -> None:
    assert normalise(deployment(templte={"a": 1})) == deployment()


def test_an_unknown_field_falls_away_inside_lists_too() -> None:
    assert normalise(with_container(deployment(), imge="x")) == deployment()


@pytest.mark.parametrize("field", ["env", "args", "ports"])
def test_an_empty_list_falls_away(field: str) -> None:
    assert normalise(with_container(deployment(), **{field: []})) == deployment()


def test_empty_labels_fall_away() -> None:
    assert normalise(config_map(labels={})) == config_map()


def test_an_empty_struct_stays() -> None:
    assert container(normalise(with_container(deployment(), securityContext={})))["securityContext"] == {}


def test_an_empty_text_falls_away_where_it_means_nothing() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"clusterIP": "", "ports": [{"port": 80}]}}
    assert normalise(service)["spec"] == {"ports": [{"port": 80}]}


def test_an_empty_text_stays_where_it_means_something() -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "p"}, "spec": {"storageClassName": ""}}
    assert normalise(claim) == claim


def test_zero_replicas_stay() -> None:
    assert normalise(deployment(replicas=0))["spec"]["replicas"] == 0


def test_zero_of_a_field_that_counts_from_zero_falls_away() -> None:
    probe = {"httpGet": {"path": "/", "port": "http"}, "initialDelaySeconds": 0}
    assert "initialDelaySeconds" not in container(normalise(with_container(deployment(), readinessProbe=probe)))["readinessProbe"]


def test_a_label_of_null_is_an_empty_text() -> None:
    assert normalise(config_map(labels={"x": None}))["metadata"]["labels"] == {"x": ""}


def test_quantities_get_their_canonical_spelling() -> None:
    limits = {"cpu": "1000m", "memory": "1024Mi", "nvidia.com/gpu": 1}
    resources = container(normalise(with_container(deployment(), resources={"limits": limits})))["resources"]
    assert resources["limits"] == {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"}


def test_ports_may_be_numbers_or_names() -> None:
    ports = [{"port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 8080}]
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": ports}}
    assert normalise(service) == service


@pytest.mark.parametrize(
    "broken",
    [
        deployment(replicas="two", templte=1),
        deployment(template={"spec": {"containers": {"name": "c"}}}, templte=1),
        config_map(data={"a": 5}, typo=1),
        with_container(deployment(templte=1), env=[{"name": "A", "value": 5}]),
        with_container(deployment(templte=1), resources={"limits": {"cpu": "many"}}),
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "no base64"}, "typo": 1},
    ],
    ids=["text for a number", "map for a list", "number for a text", "number in a list", "no quantity", "no base64"],
)
def test_an_object_with_a_value_of_the_wrong_type_is_left_to_the_server(broken: dict[str, Any]) -> None:
    assert normalise(broken) == broken


def test_a_custom_resource_stays_as_it_is() -> None:
    resource = {"apiVersion": "ex.io/v1", "kind": "Widget", "metadata": {"name": "w", "labels": {}}, "spec": {"typo": 1, "cpu": "1000m"}}
    assert normalise(resource) == resource


def test_the_text_of_a_secret_becomes_data() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "MQ=="}, "stringData": {"b": "x"}}
    expected = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "MQ==", "b": "eA=="}}
    assert normalise(secret) == expected


def test_a_text_that_is_not_known_yet_becomes_data_that_is_not() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"b": UNKNOWN}}
    assert normalise(secret)["data"] == {"b": UNKNOWN}


def test_unknown_values_stay_wherever_they_are() -> None:
    unknown = deployment(replicas=UNKNOWN, template=UNKNOWN)
    assert normalise(unknown) == unknown


def test_a_custom_resource_definition_loses_only_the_flag_that_servers_drop() -> None:
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {"group": "ex.io", "versions": []}}
    given = {**definition, "spec": {**definition["spec"], "preserveUnknownFields": False}}
    assert normalise(given) == definition


def test_the_argument_is_not_changed() -> None:
    given = with_container(deployment(templte=1), env=[], resources={"limits": {"cpu": "1000m"}})
    before = copy.deepcopy(given)
    normalise(given)
    assert given == before


def test_normalising_twice_changes_nothing_more() -> None:
    once = normalise(with_container(deployment(templte=1), resources={"limits": {"cpu": "1000m"}}))
    assert normalise(once) == once
