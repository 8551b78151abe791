"""The policy pack judges the resources of a stack as the verifier judges manifests, and adds the security baseline."""

from __future__ import annotations

from typing import Any

import pytest

from policy.judgement import Level, Resource, judge

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "not-a-real-key-0123456789"}
PREFIX = "urn:pulumi:prod::headroom::kubernetes:"


def kubernetes(token: str, name: str, protected: bool = True, **body: Any) -> Resource:
    _, version, kind = token.split(":")
    inputs = {"apiVersion": version.removeprefix("core/"), "kind": kind, "metadata": {"name": name, "namespace": "speech"}, **body}
    return Resource(f"urn:pulumi:prod::headroom::{token}::{name}", token, name, inputs, protected)


def deployment(image: str = "example.com/parrot:1.2.0", **changed: Any) -> Resource:
    container = {
        "name": "server",
        "image": image,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "resources": {"requests": {"cpu": "2", "memory": "4Gi"}},
        "ports": [{"containerPort": 8000.0}],
        **changed,
    }
    confined = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    template = {"metadata": {"labels": {"app": "parrot"}}, "spec": {"securityContext": confined, "containers": [container]}}
    selector = {"matchLabels": {"app": "parrot"}}
    return kubernetes("kubernetes:apps/v1:Deployment", "parrot", spec={"selector": selector, "template": template})


def found(*resources: Resource, levels: dict[str, Level] | None = None) -> set[tuple[str, Level]]:
    return {(violation.check, violation.level) for violation in judge(resources, levels or {})}


def test_a_stack_that_holds_the_baseline_has_no_violation() -> None:
    assert found(deployment()) == set()


def test_an_error_is_mandatory_and_names_its_resource() -> None:
    (violation,) = judge([deployment(image="example.com/parrot:latest")], {})
    assert (violation.check, violation.level) == ("image-not-fixed", "mandatory")
    assert violation.urn == f"{PREFIX}apps/v1:Deployment::parrot"


def test_a_warning_is_advisory() -> None:
    assert found(deployment(resources={})) == {("requests-missing", "advisory")}


@pytest.mark.parametrize(("level", "expected"), [("advisory", {("image-not-fixed", "advisory")}), ("disabled", set())])
def test_a_check_can_be_made_advisory_or_disabled(level: Level, expected: set[tuple[str, Level]]) -> None:
    assert found(deployment(image="example.com/parrot"), levels={"image-not-fixed": level}) == expected


def test_the_wiring_is_judged_over_several_resources() -> None:
    hpa = kubernetes(
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        "parrot",
        spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "parrott"}, "maxReplicas": 4.0},
    )
    assert found(deployment(), hpa) == {("autoscaler-target-missing", "mandatory")}


def test_what_is_a_secret_to_pulumi_is_no_plaintext() -> None:
    secret = kubernetes("kubernetes:core/v1:Secret", "ngc", stringData={"NGC_API_KEY": SECRET})
    assert found(secret) == set()


@pytest.mark.parametrize(
    "body", [{"stringData": {"NGC_API_KEY": "[secret]"}}, {"data": {"NGC_API_KEY": "[secret]"}}, {"stringData": "[secret]"}]
)
def test_a_secret_of_an_exported_state_that_nobody_can_decrypt_is_none_in_plain_text(body: dict[str, Any]) -> None:
    assert found(kubernetes("kubernetes:core/v1:Secret", "ngc", **body)) == set()


def test_what_is_no_secret_to_pulumi_is_plaintext_and_not_repeated() -> None:
    secret = kubernetes("kubernetes:core/v1:Secret", "ngc", stringData={"NGC_API_KEY": SECRET["value"]})
    (violation,) = judge([secret], {})
    assert (violation.check, violation.level) == ("plaintext-secret", "mandatory")
    assert SECRET["value"] not in violation.message


def test_the_values_of_a_release_are_searched_for_secrets() -> None:
    inputs = {"name": "keda", "chart": "keda", "namespace": "keda", "values": {"grafana": {"adminPassword": "not-a-real-password"}}}
    assert found(Resource(f"{PREFIX}helm.sh/v3:Release::keda", "kubernetes:helm.sh/v3:Release", "keda", inputs, False)) == {
        ("plaintext-secret", "mandatory")
    }


@pytest.mark.parametrize(("protected", "expected"), [(True, set()), (False, {("stateful-unprotected", "advisory")})])
def test_what_holds_data_or_all_that_runs_is_to_be_protected(protected: bool, expected: set[tuple[str, Level]]) -> None:
    cluster = Resource("urn:pulumi:prod::headroom::aws:eks/cluster:Cluster::main", "aws:eks/cluster:Cluster", "main", {}, protected)
    claim = kubernetes("kubernetes:core/v1:PersistentVolumeClaim", "models", protected=protected, spec={})
    assert found(cluster) == expected
    assert found(claim) == expected
