from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.checkpoint import LAST_APPLIED, hide, read, record
from headroom.plugins.kubernetes.properties import Secret
from tests.plugins.kubernetes.objects import Object, config_map


def recorded(live: Object, inputs: Object, like: Object) -> Object:
    return record(live, inputs, like=like, initial_api_version="v1", field_manager="m")


def test_what_is_recorded_can_be_read() -> None:
    live = config_map(uid="u")
    assert read(recorded(live, config_map(), config_map())) == (live, config_map(), "v1", "m")


def test_the_live_object_is_as_secret_as_its_inputs() -> None:
    like = config_map(data={"k": Secret("v"), "plain": "z"})
    outputs = recorded(config_map(data={"k": "v", "plain": "z"}), config_map(data={"k": "v", "plain": "z"}), like)
    assert outputs["data"] == {"k": Secret("v"), "plain": "z"}
    assert outputs["__inputs"]["data"] == {"k": Secret("v"), "plain": "z"}


def test_the_data_of_a_secret_is_one_secret_without_being_asked() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "MQ=="}}
    assert hide(secret, secret)["data"] == Secret({"a": "MQ=="})


SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}


@pytest.mark.parametrize(
    ("obj", "like"),
    [(SECRET, SECRET), (config_map(), config_map(data={"k": Secret("v")}))],
    ids=["a Secret", "inputs with a secret"],
)
def test_what_kubectl_has_applied_is_as_secret_as_the_object(obj: Object, like: Object) -> None:
    annotations = {LAST_APPLIED: '{"data": {"k": "v"}}', "other": "1"}
    live = obj | {"metadata": obj["metadata"] | {"annotations": annotations}}
    assert hide(live, like)["metadata"]["annotations"] == {LAST_APPLIED: Secret(annotations[LAST_APPLIED]), "other": "1"}


def test_what_kubectl_has_applied_without_secrets_is_none() -> None:
    live = config_map(annotations={LAST_APPLIED: "{}"})
    assert hide(live, config_map()) == live


def test_a_state_of_nothing_reads_as_nothing() -> None:
    assert read({}) == ({}, {}, "", "")
