from __future__ import annotations

from headroom.plugins.kubernetes.prune import prune
from headroom.plugins.kubernetes.refresh import identity, imported_inputs, refreshed_inputs
from tests.plugins.kubernetes.objects import config_map, deployment


def test_inputs_take_the_live_values() -> None:
    assert refreshed_inputs(deployment(replicas=3), deployment(replicas=1))["spec"]["replicas"] == 3


def test_what_nobody_asked_for_does_not_enter_the_inputs() -> None:
    live = config_map(data={"a": "1", "z": "9"}, labels={"o": "1"}, uid="u")
    assert refreshed_inputs(live, config_map()) == config_map()


def test_what_is_gone_drops_out() -> None:
    assert "labels" not in refreshed_inputs(config_map(), config_map(labels={"l": "1"}))["metadata"]


def test_lists_are_cut_to_the_length_that_was_asked_for() -> None:
    assert prune({"args": ["a", "b", "c"]}, {"args": ["x", "y"]}) == {"args": ["a", "b"]}


def test_an_empty_map_that_was_asked_for_stays() -> None:
    assert prune({"emptyDir": {}}, {"emptyDir": {}}) == {"emptyDir": {}}


def test_an_import_takes_everything_but_what_servers_add() -> None:
    revision = {"deployment.kubernetes.io/revision": "1"}
    live = {**deployment(replicas=1), "status": {"replicas": 1}}
    live["metadata"] = {**live["metadata"], "uid": "u", "resourceVersion": "7", "managedFields": [], "annotations": revision}
    assert imported_inputs(live) == deployment(replicas=1)


def test_an_id_names_namespace_and_object() -> None:
    assert identity("ns/name", "default", namespaced=True) == ("ns", "name")


def test_an_id_without_namespace_means_the_default_one() -> None:
    assert identity("name", "default", namespaced=True) == ("default", "name")


def test_the_id_of_a_cluster_scoped_object_is_its_name() -> None:
    assert identity("name", "default", namespaced=False) == ("", "name")
