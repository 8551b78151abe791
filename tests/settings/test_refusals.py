"""Every way in which one setting can be wrong: the path that is named, and what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.catalog.engines import ENGINES
from tests.settings.stack_files import DEMO, changed, problems, without

QUOTES = "must be text: put it in quotes where YAML reads something else"
WHOLE = "must be a whole number"
DURATION = "a duration is a number and a unit: 500ms, 15s, 10m or 1h"
NAME = "must be lower-case letters, digits and hyphens, begin with a letter and end with a letter or digit"
SERVER_KEYS = (
    "engine, image, version, pool, gpus, gpuMemory, gpuProducts, namespace, identity, models, model, options, cache, parallelism, "
    "arguments, environment, resources, startup, drain, rollout, route, network, acknowledge, load, autoscaling"
)
MODELS = "must be a directory, a URI, or a mapping with exactly one of directory, claim, uri"
ENCRYPTED = "holds an encrypted value: secrets belong below credentials, where they stay encrypted"

EMPTY = "is empty: it needs a value"
KUBERNETES = "is a namespace of Kubernetes' own, in which model servers have no business: name another"

AUTOSCALING_KEYS = "backend, replicas, signals, scaleUp, scaleDown, wake, fallback"

MONITORING_KEYS = (
    "mode, namespace, release, overrides, labels, url, access, scrapeInterval, window, replicas, retention, storage, grafana, receivers"
)
PLATFORM_KEYS = (
    "gpuOperator, monitoring, prometheusAdapter, keda, metricsServer, lws, traefik, clusterAutoscaler, karpenter, efa, "
    "awsLoadBalancerController, placement, charts, images"
)

UNKNOWN_KEYS = [
    ("headroom:srvers", {}, "srvers", "cluster, namespace, namespaces, pools, platform, servers, credentials"),
    ("headroom:cluster/region", "x", "cluster.region", "provider, name"),
    (
        "headroom:pools/l4/mx",
        1,
        "pools.l4.mx",
        "machine, min, max, warm, sharing, capacity, reservation, fallback, zones, disk, labels, taints, surge, imageStreaming, "
        "interconnect, eks, gke",
    ),
    ("headroom:platform/grafana", "none", "platform.grafana", PLATFORM_KEYS),
    (
        "headroom:platform/monitoring/interval",
        "15s",
        "platform.monitoring.interval",
        MONITORING_KEYS,
    ),
    (f"{DEMO}/gpu", 1, "servers.demo.gpu", SERVER_KEYS),
    (f"{DEMO}/models", {"path": "x"}, "servers.demo.models.path", "directory, claim, uri"),
    (f"{DEMO}/resources/gpu", 1, "servers.demo.resources.gpu", "cpu, memory"),
    (f"{DEMO}/autoscaling/target", 1, "servers.demo.autoscaling.target", AUTOSCALING_KEYS),
    (f"{DEMO}/autoscaling/scale_up", {}, "servers.demo.autoscaling.scale_up", AUTOSCALING_KEYS),
    (f"{DEMO}/autoscaling/replicas/desired", 1, "servers.demo.autoscaling.replicas.desired", "min, max"),
    (f"{DEMO}/autoscaling/scaleUp/percent", 1, "servers.demo.autoscaling.scaleUp.percent", "stabilization, pods, period"),
]


@pytest.mark.parametrize(("at", "value", "path", "allowed"), UNKNOWN_KEYS, ids=[case[2] for case in UNKNOWN_KEYS])
def test_an_unknown_key_is_answered_with_the_known_ones(tmp_path: Path, at: str, value: Any, path: str, allowed: str) -> None:
    assert problems(tmp_path, changed((at, value)))[path] == f"is not a setting here; allowed: {allowed}"


WRONG_TYPES = [
    ("headroom:namespace", 3, "namespace", QUOTES),
    ("headroom:cluster", "kwok", "cluster.provider", "is required; known: kwok, existing, eks, gke, aks"),
    ("headroom:pools", None, "pools", EMPTY),
    ("headroom:platform", None, "platform", EMPTY),
    ("headroom:pools", "l4", "pools", "must be a mapping of names to settings"),
    ("headroom:pools/l4", 5, "pools.l4", "must be a mapping"),
    ("headroom:pools/l4/max", "5", "pools.l4.max", WHOLE),
    ("headroom:pools/l4/max", 5.5, "pools.l4.max", WHOLE),
    ("headroom:platform", [], "platform", "must be a mapping"),
    ("headroom:platform/monitoring", False, "platform.monitoring", "must be one of helm, existing, none, or a mapping with mode"),
    ("headroom:platform/monitoring/labels", ["a"], "platform.monitoring.labels", "must be a mapping of names to values"),
    ("headroom:servers", ["demo"], "servers", "must be a mapping of names to settings"),
    ("headroom:servers", "demo", "servers", "must be a mapping of names to settings"),
    (DEMO, None, "servers.demo", EMPTY),
    (f"{DEMO}/engine", None, "servers.demo.engine", EMPTY),
    (f"{DEMO}/gpus", None, "servers.demo.gpus", EMPTY),
    (f"{DEMO}/image", 25.06, "servers.demo.image", QUOTES),
    (f"{DEMO}/version", 25.06, "servers.demo.version", QUOTES),
    (f"{DEMO}/gpus", True, "servers.demo.gpus", WHOLE),
    (f"{DEMO}/models", 3, "servers.demo.models", MODELS),
    (f"{DEMO}/arguments", "--verbose", "servers.demo.arguments", "must be a list"),
    (f"{DEMO}/arguments", [1], "servers.demo.arguments[0]", QUOTES),
    (f"{DEMO}/environment", {"A": 1}, "servers.demo.environment.A", QUOTES),
    (f"{DEMO}/resources/memory", 8, "servers.demo.resources.memory", QUOTES),
    (f"{DEMO}/autoscaling/replicas", 3, "servers.demo.autoscaling.replicas", "must be a mapping"),
    (f"{DEMO}/autoscaling/signals", ["queue-time"], "servers.demo.autoscaling.signals", "must be a mapping of names to values"),
    (f"{DEMO}/drain", True, "servers.demo.drain", "must be a duration such as 500ms, 15s or 10m"),
]


@pytest.mark.parametrize(("at", "value", "path", "message"), WRONG_TYPES, ids=[f"{case[2]}={case[1]}" for case in WRONG_TYPES])
def test_a_wrong_type_is_answered_with_the_right_one(tmp_path: Path, at: str, value: Any, path: str, message: str) -> None:
    assert problems(tmp_path, changed((at, value)))[path] == message


WRONG_VALUES = [
    ("headroom:cluster/provider", "minikube", "cluster.provider", "is not a provider; known: kwok, existing, eks, gke, aks"),
    (f"{DEMO}/engine", "tritn", "servers.demo.engine", f"is not an engine; known: {', '.join(ENGINES)}"),
    (f"{DEMO}/pool", "l5", "servers.demo.pool", "is not a pool of this stack; pools: l4"),
    (
        f"{DEMO}/autoscaling/signals",
        {"queue-tme": 1},
        "servers.demo.autoscaling.signals.queue-tme",
        "is not a signal of triton 25.06; it offers: queue-time, queue-length, requests-waiting, queue-compute-ratio, cpu, memory",
    ),
    (f"{DEMO}/autoscaling/signals", {}, "servers.demo.autoscaling.signals", "must not be empty"),
    (f"{DEMO}/autoscaling/backend", "vpa", "servers.demo.autoscaling.backend", "allowed: keda, hpa"),
    (f"{DEMO}/rollout", "fast", "servers.demo.rollout", "allowed: surge, recreate"),
    ("headroom:namespace", "kube-system", "namespace", KUBERNETES),
    ("headroom:namespaces", {"kube-public": {}}, "namespaces.kube-public", KUBERNETES),
    (f"{DEMO}/namespace", "kube-node-lease", "servers.demo.namespace", KUBERNETES),
    ("headroom:platform/monitoring", "off", "platform.monitoring.mode", "allowed: helm, existing, none"),
    ("headroom:platform/monitoring/scrapeInterval", 0.5, "platform.monitoring.scrapeInterval", "must be at least 1 seconds"),
    ("headroom:platform/monitoring/window", 601, "platform.monitoring.window", "must be at most 600 seconds"),
    (f"{DEMO}/gpus", 0, "servers.demo.gpus", "must be at least 1"),
    ("headroom:pools/l4/max", 0, "pools.l4.max", "must be at least 1"),
    (f"{DEMO}/autoscaling/replicas/min", -1, "servers.demo.autoscaling.replicas.min", "must be at least 0"),
    (f"{DEMO}/autoscaling/fallback", 0, "servers.demo.autoscaling.fallback", "must be at least 1"),
    (f"{DEMO}/autoscaling/wake", {"after": 1}, "servers.demo.autoscaling.wake.after", "must be at least 10 seconds"),
    (f"{DEMO}/autoscaling/scaleUp/period", "2h", "servers.demo.autoscaling.scaleUp.period", "must be at most 1800 seconds"),
    (f"{DEMO}/autoscaling/scaleUp/period", 0, "servers.demo.autoscaling.scaleUp.period", "must be more than 0 seconds"),
    (f"{DEMO}/drain", "1000h", "servers.demo.drain", "must be at most 86400 seconds"),
    (f"{DEMO}/drain", "soon", "servers.demo.drain", DURATION),
    (f"{DEMO}/drain", "1.5s", "servers.demo.drain", "must be whole seconds: Kubernetes counts no smaller here"),
    (f"{DEMO}/models", {"directory": "models", "uri": "s3://a"}, "servers.demo.models", "give exactly one of directory, claim, uri"),
    (
        f"{DEMO}/arguments",
        ["--http-port=1"],
        "servers.demo.arguments[0]",
        "is set by the program already, and probes and monitors depend on it",
    ),
    (
        f"{DEMO}/environment",
        {"A-B": "x"},
        "servers.demo.environment.A-B",
        "must be letters, digits and underscores, and begin with no digit",
    ),
    (f"{DEMO}/model", 'a"} or vector(9)', "servers.demo.model", "must be the name of a model: letters, digits and . _ : / + -"),
    (
        "headroom:platform/monitoring",
        {"labels": {"release": "not a label!"}},
        "platform.monitoring.labels.release",
        "must be letters, digits and - _ . between them",
    ),
]


@pytest.mark.parametrize(("at", "value", "path", "message"), WRONG_VALUES, ids=[f"{case[2]}={case[1]}" for case in WRONG_VALUES])
def test_a_wrong_value_is_answered_with_the_allowed_ones(tmp_path: Path, at: str, value: Any, path: str, message: str) -> None:
    assert problems(tmp_path, changed((at, value)))[path] == message


@pytest.mark.parametrize(
    ("at", "path"),
    [
        (f"{DEMO}/engine", "servers.demo.engine"),
        (f"{DEMO}/image", "servers.demo.image"),
        (f"{DEMO}/models", "servers.demo.models"),
        (f"{DEMO}/autoscaling", "servers.demo.autoscaling"),
        (f"{DEMO}/autoscaling/signals", "servers.demo.autoscaling.signals"),
        (f"{DEMO}/autoscaling/replicas/max", "servers.demo.autoscaling.replicas.max"),
        (f"{DEMO}/pool", "servers.demo.pool"),
        ("headroom:pools/l4/machine", "pools.l4.machine"),
        ("headroom:cluster", "cluster.provider"),
    ],
)
def test_a_setting_without_default_is_required(tmp_path: Path, at: str, path: str) -> None:
    assert problems(tmp_path, without(at))[path].startswith("is required")


@pytest.mark.parametrize("name", ["Demo", "demo_1", "1demo", "demo-", "-demo", "demo.com", "démo", ""])
def test_a_server_name_that_kubernetes_refuses_is_refused(tmp_path: Path, name: str) -> None:
    assert problems(tmp_path, changed((f"headroom:servers/{name}", {})))[f"servers.{name}" if name else "servers."] == NAME


@pytest.mark.parametrize(
    "at", ["headroom:namespace", f"{DEMO}/namespace", "headroom:cluster/name", "headroom:platform/monitoring/namespace"]
)
def test_every_name_is_held_to_the_same_form(tmp_path: Path, at: str) -> None:
    path = at.removeprefix("headroom:").replace("/", ".")
    assert problems(tmp_path, changed((at, "Not_A_Name")))[path] == NAME


def test_a_name_leaves_room_for_what_is_made_from_it(tmp_path: Path) -> None:
    assert problems(tmp_path, changed(("headroom:pools/" + "a" * 41, {}), (f"{DEMO}/drain", 1)))["pools." + "a" * 41] == (
        "must have at most 40 characters"
    )


def test_more_replicas_at_least_than_at_most_are_refused_with_the_remedy(tmp_path: Path) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/autoscaling/replicas", {"min": 3, "max": 2})))
    assert found["servers.demo.autoscaling.replicas"] == (
        "min is larger than max: the autoscaler would have no count to choose; lower min or raise max"
    )


def test_more_nodes_at_least_than_at_most_are_refused_with_the_remedy(tmp_path: Path) -> None:
    found = problems(tmp_path, changed(("headroom:pools/l4/min", 6)))
    assert found == {"pools.l4.min": "is larger than max: the pool would have no size to choose; lower min or raise max"}


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("disk", {"fast": "quick"}, {"pools.l4.disk.fast": "must be true or false"}),
        ("fallback", 2, {"pools.l4.fallback": "must be true or false"}),
        (
            "taints",
            [{"key": "team", "value": "a", "effect": "Never"}],
            {"pools.l4.taints[0].effect": "allowed: NoSchedule, PreferNoSchedule, NoExecute"},
        ),
    ],
    ids=["a word", "a number", "a name"],
)
def test_what_is_none_of_a_few_values_is_answered_with_them(tmp_path: Path, setting: str, value: Any, message: dict[str, str]) -> None:
    assert problems(tmp_path, changed((f"headroom:pools/l4/{setting}", value))) == message


def test_an_unknown_machine_is_answered_with_the_catalogue(tmp_path: Path) -> None:
    message = problems(tmp_path, changed(("headroom:pools/l4/machine", "g6.2xlrge")))["pools.l4.machine"]
    assert message.startswith("is not a machine type of the catalogue: did you mean g6.2xlarge? known: Standard_NC16as_T4_v3, ")


def test_an_encrypted_value_belongs_below_credentials(tmp_path: Path) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/environment", {"TOKEN": {"secure": "v1:abc"}})))
    assert found == {"servers.demo.environment.TOKEN": ENCRYPTED}


def test_a_credential_in_plain_text_is_refused_with_the_command_that_encrypts_it(tmp_path: Path) -> None:
    message = problems(tmp_path, changed(("headroom:credentials", {"ngc": "hunter2"})))["credentials.ngc"]
    assert "`pulumi config set --secret --path headroom:credentials.ngc`" in message


def test_credentials_that_are_no_mapping_are_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, changed(("headroom:credentials", "hunter2")))
    assert found == {"credentials": "must be a mapping of names to encrypted values"}
