"""Who may do what: each process is bound to a role of its own."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.sandbox.identities import IDENTITIES, access_rules, kubeconfig, questions

BOUND = sorted(identity.user for identity in IDENTITIES if identity.user.startswith("headroom:") and not identity.groups)


def role(user: str) -> list[dict[str, Any]]:
    return next(item for item in access_rules() if item["kind"] == "ClusterRole" and item["metadata"]["name"] == user)["rules"]


def test_every_user_of_ours_has_a_role_and_no_role_is_without_a_user() -> None:
    assert sorted(item["metadata"]["name"] for item in access_rules() if item["kind"] == "ClusterRole") == BOUND


@pytest.mark.parametrize("user", BOUND)
def test_each_role_is_bound_to_the_user_of_its_name_alone(user: str) -> None:
    bindings = [item for item in access_rules() if item["kind"] == "ClusterRoleBinding" and item["roleRef"]["name"] == user]
    assert [[subject["name"] for subject in binding["subjects"]] for binding in bindings] == [[user]]


@pytest.mark.parametrize(
    "user",
    [
        "headroom:prometheus",
        "headroom:prometheus-adapter",
        "headroom:kwok",
        "headroom:metrics-server",
        "headroom:lws",
        "headroom:karpenter",
    ],
)
def test_secrets_stay_closed_to_who_does_not_need_them(user: str) -> None:
    rules = [rule for rule in role(user) if {"", "*"} & set(rule.get("apiGroups", []))]
    assert not [rule for rule in rules if {"secrets", "*"} & set(rule.get("resources", []))]


@pytest.mark.parametrize(
    "user", ["headroom:prometheus", "headroom:prometheus-adapter", "headroom:reloader", "headroom:keda-adapter", "headroom:metrics-server"]
)
def test_who_only_looks_cannot_write(user: str) -> None:
    assert {verb for rule in role(user) for verb in rule["verbs"]} <= {"get", "list", "watch"}


def test_of_every_bound_user_is_asked_what_its_role_grants_first() -> None:
    asked = {question["spec"]["user"]: question["spec"]["resourceAttributes"] for question in questions(access_rules())}
    assert sorted(asked) == BOUND
    assert asked["headroom:dns"] == {"group": "discovery.k8s.io", "resource": "endpointslices", "verb": "list"}


def test_a_kubeconfig_has_one_context_and_names_no_file() -> None:
    made = kubeconfig("https://127.0.0.1:6443", b"authority", b"certificate", b"key")
    assert made["current-context"] == "headroom-sandbox"
    assert "certificate-authority-data" in str(made["clusters"])
    assert "client-key-data" in str(made["users"])
