from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.ownership import FORCE, MANAGER, folded, is_forced, manager_for, respecting_ignored
from tests.plugins.kubernetes.objects import Object, config_map, deployment

OURS = "pulumi-kubernetes-0a1b2c3d"


def entry(manager: str, operation: str, fields: dict[str, Any], subresource: str = "") -> Object:
    made = {"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields}
    return made | ({"subresource": subresource} if subresource else {})


def live(*entries: Object) -> Object:
    return config_map(managedFields=list(entries))


CREATED = entry("pulumi-kubernetes", "Update", {"f:data": {"f:a": {}}})
APPLIED = entry(OURS, "Apply", {"f:data": {"f:a": {}}})


def test_the_first_update_takes_over_what_the_creation_owns() -> None:
    assert folded(live(CREATED), OURS) == [APPLIED]


def test_nothing_is_rewritten_when_all_is_applied() -> None:
    assert folded(live(APPLIED), OURS) is None


@pytest.mark.parametrize("manager", ["kubectl-set", "kubectl-label", "kubectl-patch", "kubectl-edit", "kubectl-replace"])
def test_what_kubectl_edited_becomes_ours(manager: str) -> None:
    edited = entry(manager, "Update", {"f:data": {"f:b": {}}, "f:metadata": {"f:labels": {"f:x": {}}}})
    [ours] = folded(live(APPLIED, edited), OURS) or []
    assert ours["fieldsV1"] == {"f:data": {"f:a": {}, "f:b": {}}, "f:metadata": {"f:labels": {"f:x": {}}}}


@pytest.mark.parametrize(
    "foreign",
    [
        entry("kubectl", "Update", {"f:spec": {"f:replicas": {}}}, subresource="scale"),
        entry("kubectl-client-side-apply", "Apply", {}),
        entry("other", "Apply", {}),
        entry("custom-tool", "Update", {}),
    ],
    ids=["a subresource", "an apply", "another applier", "another tool"],
)
def test_what_others_own_stays_theirs(foreign: Object) -> None:
    assert folded(live(CREATED, foreign), OURS) == [APPLIED, foreign]


def test_the_live_object_is_not_changed_by_looking_at_it() -> None:
    obj = live(CREATED)
    folded(obj, OURS)
    assert obj == live(CREATED)


def test_an_update_takes_nothing_from_others() -> None:
    assert not is_forced(config_map(), live(CREATED), preview=False)


def test_the_preview_of_a_first_update_looks_past_what_the_creation_owns() -> None:
    assert is_forced(config_map(), live(CREATED), preview=True)


def test_later_previews_see_conflicts() -> None:
    assert not is_forced(config_map(), live(APPLIED), preview=True)


@pytest.mark.parametrize("preview", [True, False])
def test_the_annotation_takes_fields_from_others(preview: bool) -> None:
    assert is_forced(config_map(annotations={FORCE: "true"}), live(APPLIED), preview=preview)


def test_the_manager_is_the_recorded_one() -> None:
    assert manager_for(config_map(), OURS) == OURS


def test_the_annotation_names_another_manager() -> None:
    assert manager_for(config_map(annotations={MANAGER: "mine"}), OURS) == "mine"


SCALED = entry("kubectl", "Update", {"f:spec": {"f:replicas": {}}}, subresource="scale")


def scaled(replicas: int, *entries: Object) -> Object:
    obj = deployment(replicas=replicas)
    return {**obj, "metadata": {**obj["metadata"], "managedFields": list(entries)}}


def test_an_ignored_field_of_somebody_else_is_not_claimed() -> None:
    body = respecting_ignored(deployment(replicas=1), scaled(3, APPLIED, SCALED), ["spec.replicas"], OURS)
    assert "replicas" not in body["spec"]


def test_an_ignored_field_that_only_we_own_keeps_its_live_value() -> None:
    body = respecting_ignored(deployment(replicas=1), scaled(3, APPLIED), ["spec.replicas"], OURS)
    assert body["spec"]["replicas"] == 3


def test_an_ignored_map_that_others_write_into_keeps_what_is_ours() -> None:
    theirs = entry("other", "Apply", {"f:data": {"f:b": {}}})
    shared = config_map(data={"a": "1", "b": "2"}, managedFields=[APPLIED, theirs])
    body = respecting_ignored(config_map(data={"a": "1"}), shared, ["data"], OURS)
    assert body["data"] == {"a": "1", "b": "2"}


def test_an_ignored_field_that_is_not_given_changes_nothing() -> None:
    assert respecting_ignored(deployment(), scaled(3, SCALED), ["spec.replicas"], OURS) == deployment()
