"""A container's variables and command line are those that a kubelet would make."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from headroom.sandbox.kubelet.downward import Place
from headroom.sandbox.kubelet.environment import command_line, expand, references, variables
from headroom.sandbox.kubelet.sources import Missing, Sources

POD: dict[str, Any] = {
    "metadata": {"name": "demo-0", "namespace": "inference", "uid": "u", "labels": {"app.kubernetes.io/name": "triton"}},
    "spec": {
        "nodeName": "l4-0",
        "containers": [{"name": "main", "image": "x", "resources": {"limits": {"memory": "2Gi"}, "requests": {"cpu": "1500m"}}}],
    },
}
SOURCES = Sources(
    {
        ("ConfigMap", "settings"): {"data": {"LEVEL": "info", "URL": "http://x"}},
        ("Secret", "keys"): {"data": {"token": base64.b64encode(b"geheim").decode()}},
        ("ConfigMap", "gone"): None,
    }
)


NODE = Place("10.244.1.1", "10.244.0.1", {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "1Ti", "nvidia.com/gpu": "1"})


def made(env: list[dict[str, Any]], services: dict[str, str] | None = None, **container: Any) -> dict[str, str]:
    whole = {**POD["spec"]["containers"][0], "env": env, **container}
    return variables(POD, whole, SOURCES, NODE, services or {})


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("--port=$(PORT)", "--port=8000"),
        ("$(PORT)$(PORT)", "80008000"),
        ("$(NOPE)", "$(NOPE)"),
        ("$$(PORT)", "$(PORT)"),
        ("$PORT ${PORT} $", "$PORT ${PORT} $"),
    ],
)
def test_references_in_parentheses_are_expanded(text: str, expanded: str) -> None:
    assert expand(text, {"PORT": "8000"}) == expanded


def test_a_variable_sees_those_before_it_only() -> None:
    assert made([{"name": "A", "value": "$(B)"}, {"name": "B", "value": "b"}, {"name": "C", "value": "$(B)c"}]) == {
        "A": "$(B)",
        "B": "b",
        "C": "bc",
    }


def test_a_variable_sees_those_of_an_object_and_those_for_services() -> None:
    url = {"name": "URL", "value": "https://$(API):$(LEVEL)"}
    seen = made([url], {"API": "10.96.0.1"}, envFrom=[{"configMapRef": {"name": "settings"}}])
    assert seen["URL"] == "https://10.96.0.1:info"


def test_a_containers_own_variable_hides_the_one_for_a_service() -> None:
    assert made([{"name": "API", "value": "mine"}, {"name": "A", "value": "$(API)"}], {"API": "10.96.0.1"}) == {"API": "mine", "A": "mine"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "demo-0"),
        ("metadata.labels['app.kubernetes.io/name']", "triton"),
        ("status.podIP", "10.244.1.1"),
        ("status.hostIP", "10.244.0.1"),
        ("spec.nodeName", "l4-0"),
        ("spec.serviceAccountName", "default"),
    ],
)
def test_fields_of_the_pod(path: str, value: str) -> None:
    assert made([{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": path}}}]) == {"A": value}


@pytest.mark.parametrize(
    ("resource", "divisor", "value"),
    [("limits.memory", "1Mi", "2048"), ("limits.memory", "0", "2147483648"), ("requests.cpu", "1", "2"), ("requests.cpu", "1m", "1500")],
)
def test_resources_are_divided_and_rounded_up(resource: str, divisor: str, value: str) -> None:
    reference = {"resourceFieldRef": {"resource": resource, "divisor": divisor}}
    assert made([{"name": "A", "valueFrom": reference}]) == {"A": value}


@pytest.mark.parametrize("limits", [None, {}, {"cpu": "0", "memory": "0"}])
@pytest.mark.parametrize(("resource", "value"), [("cpu", "8"), ("memory", str(32 << 30)), ("ephemeral-storage", str(1 << 40))])
def test_a_limit_that_is_not_set_is_what_the_node_has(resource: str, value: str, limits: dict[str, str] | None) -> None:
    reference = {"resourceFieldRef": {"resource": f"limits.{resource}"}}
    assert made([{"name": "A", "valueFrom": reference}], resources={"limits": limits}) == {"A": value}


@pytest.mark.parametrize("resource", ["requests.memory", "limits.hugepages-2Mi"])
def test_what_else_is_not_set_is_nothing(resource: str) -> None:
    reference = {"resourceFieldRef": {"resource": resource}}
    assert made([{"name": "A", "valueFrom": reference}], resources={}) == {"A": "0"}


def test_keys_of_config_maps_and_secrets() -> None:
    env = [
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "LEVEL"}}},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
    ]
    assert made(env) == {"A": "info", "B": "geheim"}


def test_what_is_optional_and_missing_leaves_no_variable() -> None:
    assert made([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "gone", "key": "x", "optional": True}}}]) == {}


@pytest.mark.parametrize(
    ("name", "message"), [("gone", 'configmap "gone" not found'), ("settings", "couldn't find key x in ConfigMap settings")]
)
def test_what_is_missing_and_needed_is_named(name: str, message: str) -> None:
    with pytest.raises(Missing, match=message):
        made([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": name, "key": "x"}}}])


def test_everything_of_an_object_with_a_prefix_and_single_variables_win() -> None:
    source = [{"prefix": "APP_", "configMapRef": {"name": "settings"}}]
    assert made([{"name": "APP_LEVEL", "value": "debug"}], envFrom=source) == {"APP_LEVEL": "debug", "APP_URL": "http://x"}


def test_the_objects_that_are_needed_are_known_beforehand() -> None:
    container = {
        "envFrom": [{"secretRef": {"name": "keys"}}],
        "env": [{"valueFrom": {"configMapKeyRef": {"name": "settings", "key": "x"}}}],
    }
    assert references(container) == {("Secret", "keys"), ("ConfigMap", "settings")}


@pytest.mark.parametrize(
    ("container", "line"),
    [
        ({"command": ["run"], "args": ["$(A)"]}, ["run", "a"]),
        ({"args": ["x"]}, ["entry", "x"]),
        ({"command": ["run"]}, ["run"]),
        ({}, ["entry"]),
    ],
)
def test_a_command_replaces_the_images_entrypoint(container: dict[str, Any], line: list[str]) -> None:
    assert command_line(container, ("entry",), {"A": "a"}) == line
