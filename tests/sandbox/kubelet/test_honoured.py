"""What the sandbox does not honour is named, and nothing that it does honour is refused."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.desired.render import render
from headroom.paths import Clone
from headroom.sandbox.kubelet.honoured import HONOURED, not_honoured, unsupported
from headroom.settings import load


def pod(**container: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", "image": "x", **container}]}


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (pod(lifecycle={"postStart": {"exec": {"command": ["a"]}}}), ["spec.containers[0].lifecycle.postStart"]),
        (
            pod(volumeMounts=[{"name": "a", "mountPath": "/a"}, {"mountPropagation": "None"}]),
            ["spec.containers[0].volumeMounts[1].mountPropagation"],
        ),
        ({**pod(), "hostNetwork": True}, ["spec.hostNetwork"]),
        (pod(ports=[{"containerPort": 80, "hostPort": 80}]), ["spec.containers[0].ports[0].hostPort"]),
        ({**pod(), "volumes": [{"name": "a", "nfs": {"server": "b"}}]}, ["spec.volumes[0].nfs"]),
        ({**pod(), "initContainers": [{"name": "a", "stdin": True}]}, ["spec.initContainers[0].stdin"]),
        (pod(securityContext={"privileged": True}), ["spec.containers[0].securityContext.privileged"]),
        ({**pod(), "hostUsers": False}, ["spec.hostUsers"]),
        ({**pod(), "volumes": [{"name": "a", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}]}, ["spec.volumes[0].ephemeral"]),
        (
            {
                **pod(),
                "volumes": [{"name": "a", "projected": {"sources": [{"secret": {"name": "b"}}, {"clusterTrustBundle": {"path": "c"}}]}}],
            },
            ["spec.volumes[0].projected.sources[1].clusterTrustBundle"],
        ),
        (pod(env=[{"name": "A", "valueFrom": {"fileKeyRef": {"key": "b"}}}]), ["spec.containers[0].env[0].valueFrom.fileKeyRef"]),
    ],
)
def test_a_field_that_is_not_on_the_list_is_named_by_its_path(spec: dict[str, Any], fields: list[str]) -> None:
    assert unsupported(spec) == fields


def test_what_the_api_server_projects_into_every_pod_is_honoured() -> None:
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
        {"downwardAPI": {"items": [{"fieldRef": {"fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
    ]
    assert unsupported({**pod(), "volumes": [{"name": "a", "projected": {"defaultMode": 420, "sources": sources}}]}) == []


def test_what_is_false_or_empty_asks_for_nothing() -> None:
    assert unsupported({**pod(stdin=False, tty=False), "hostNetwork": False, "hostAliases": [], "overhead": {}}) == []


def test_what_holds_where_nobody_sets_it_asks_for_nothing() -> None:
    assert unsupported({**pod(), "hostUsers": True}) == []


def test_a_value_that_is_not_honoured_is_named_with_its_field() -> None:
    volumes = [{"name": "a", "emptyDir": {"medium": "HugePages"}}, {"name": "b", "emptyDir": {"medium": "Memory"}}]
    assert unsupported({**pod(), "volumes": volumes}) == ["spec.volumes[0].emptyDir.medium: HugePages"]


def test_who_is_refused_is_told_where_the_list_is() -> None:
    assert not_honoured(["spec.hostNetwork"]) == (
        "the sandbox does not honour spec.hostNetwork: docs/pods-in-the-sandbox.md lists what it does"
    )


def test_every_entry_says_how_it_is_taken_in_a_sentence() -> None:
    assert [path for path, sentence in HONOURED.items() if not (sentence[0].isupper() and sentence.endswith("."))] == []


def test_the_pods_of_the_local_stack_are_honoured_whole() -> None:
    desired = render(load(Clone.find().root / "stacks" / "Pulumi.local.yaml"))
    pods = [item["spec"]["template"]["spec"] for item in desired.objects if item["kind"] == "Deployment"]
    assert pods
    assert [unsupported(spec) for spec in pods] == [[] for _ in pods]
