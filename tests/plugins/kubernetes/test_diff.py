from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.diff import changes, deletes_first
from headroom.plugins.kubernetes.naming import AUTONAMED
from headroom.plugins.kubernetes.normalise import normalise
from headroom.plugins.kubernetes.properties import UNKNOWN
from headroom.plugins.kubernetes.replacement import replacing
from tests.plugins.kubernetes.objects import Object, config_map, deployment, with_container


def told(live: Object, old: Object, new: Object) -> dict[str, str]:
    new = normalise(new)
    found = changes(live, normalise(old), new, replacing(new))
    return {str(each): each.kind + ("-replace" if each.replaces else "") for each in found}


def env(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "value": "v"} for name in names]


OLD = with_container(deployment(replicas=1), env=env("A", "B"))
OLD["metadata"] |= {"labels": {"l": "1"}, "annotations": {"a.io/x": "1"}}
IMAGE = "spec.template.spec.containers[0].image"
ENV = "spec.template.spec.containers[0].env"


def metadata(**fields: Any) -> Object:
    return {**OLD, "metadata": {**OLD["metadata"], **fields}}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, {}),
        (metadata(labels={"l": "2"}), {"metadata.labels.l": "update"}),
        (metadata(labels={"l": "1", "m": "1"}), {"metadata.labels.m": "add"}),
        (metadata(labels={}), {"metadata.labels": "delete"}),
        (metadata(annotations={"a.io/x": "2"}), {'metadata.annotations["a.io/x"]': "update"}),
        (with_container(OLD, image="img:2"), {IMAGE: "update"}),
        (with_container(OLD, env=env("A", "B", "C")), {f"{ENV}[2]": "add"}),
        (with_container(OLD, env=env("Z", "A", "B")), {f"{ENV}[0].name": "update", f"{ENV}[1].name": "update", f"{ENV}[2]": "add"}),
        (with_container(OLD, env=env("B")), {f"{ENV}[0].name": "update", f"{ENV}[1]": "delete"}),
        (with_container(OLD, env=[]), {ENV: "delete"}),
        ({**OLD, "spec": {**OLD["spec"], "replicas": 2}}, {"spec.replicas": "update"}),
        ({**OLD, "spec": {**OLD["spec"], "revisionHistoryLimit": 10}}, {"spec.revisionHistoryLimit": "add"}),
        ({**OLD, "spec": {key: value for key, value in OLD["spec"].items() if key != "replicas"}}, {"spec.replicas": "delete"}),
        ({**OLD, "status": {"replicas": 5}}, {"status": "add"}),
        (metadata(name="other"), {"metadata.name": "update-replace"}),
        (metadata(namespace="other"), {"metadata.namespace": "update-replace"}),
    ],
)
def test_a_change_is_told_by_its_path(new: Object, expected: dict[str, str]) -> None:
    assert told(OLD, OLD, new) == expected


def test_what_the_server_added_is_no_change() -> None:
    live = {**OLD, "spec": {**OLD["spec"], "revisionHistoryLimit": 10}, "status": {"replicas": 1}}
    assert told(live, OLD, OLD) == {}


def test_what_somebody_else_changed_is_no_change_until_a_refresh_records_it() -> None:
    old = config_map(data={"a": "1"})
    assert told(config_map(data={"a": "1", "b": "2"}), old, old) == {}


def test_a_field_that_the_server_dropped_shows_as_added_every_time() -> None:
    given = {"apiVersion": "ex.io/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 1, "typo": 1}}
    live = {**given, "spec": {"size": 1}}
    assert told(live, given, given) == {"spec.typo": "add"}


def test_deletions_are_told_between_inputs_and_all_else_from_the_state() -> None:
    new = normalise(metadata(labels={"m": "1"}))
    found = changes(OLD, OLD, new, replacing(new))
    assert {str(each): each.input_diff for each in found} == {"metadata.labels.l": True, "metadata.labels.m": False}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (config_map(data={"a": UNKNOWN}), {"data.a": "update-replace"}),
        (config_map(UNKNOWN), {"metadata.name": "update-replace"}),  # pyright: ignore[reportArgumentType]
        (config_map(labels=UNKNOWN), {"metadata.labels.u": "delete"}),
    ],
    ids=["a value", "a name", "a whole map: as if it were gone"],
)
def test_a_value_that_is_not_known_yet_counts_as_changed(new: Object, expected: dict[str, str]) -> None:
    old = config_map(labels={"u": "v"})
    if "labels" not in new["metadata"]:
        new["metadata"]["labels"] = {"u": "v"}
    assert told(old, old, new) == expected


def test_an_explicit_name_kept_means_deleting_first() -> None:
    assert deletes_first(config_map("c"), config_map("c", {"a": "2"}))


def test_another_name_means_creating_first() -> None:
    assert not deletes_first(config_map("c"), config_map("d"))


def test_another_namespace_means_creating_first() -> None:
    assert not deletes_first(config_map("c"), config_map("c", namespace="other"))


def test_an_auto_name_means_creating_first() -> None:
    marked = config_map("c-01234567", annotations={AUTONAMED: "true"})
    assert not deletes_first(marked, marked)


def test_an_ignored_path_is_no_change() -> None:
    new = normalise(config_map(labels={"l": "2"}))
    assert changes(config_map(labels={"l": "1"}), config_map(labels={"l": "1"}), new, replacing(new), ["metadata.labels"]) == []
