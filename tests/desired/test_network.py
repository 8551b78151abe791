"""A server's NetworkPolicy: Prometheus, the route and its clients come in, what it needs goes out, and nothing else does either."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headroom import yaml_text
from headroom.desired import render
from headroom.desired.objects import Object
from headroom.settings import load
from headroom.wiring import Document
from headroom.wiring.barriers import Door, Pod, lets_out
from headroom.wiring.gather import gather
from tests.desired.stacks import STACKS, demo, desired, server_of
from tests.settings.stack_files import DEMO, GOOD, accepted, changed, problems

WAITING = {"replicas": {"max": 4}, "signals": {"queue-length": 4}}
TORCHSERVE = {"image": "pytorch/torchserve:0.12.0-gpu", "models": {"claim": "store"}, "model": "m", "autoscaling": WAITING}
VLLM = "vllm/vllm-openai:v0.18.0"


def named(namespace: str, **labels: str) -> Object:
    """A namespace, or the pods in it that have the labels."""
    pods = {"podSelector": {"matchLabels": {f"app.kubernetes.io/{key}": value for key, value in labels.items()}}} if labels else {}
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}, **pods}


def who(made: dict[str, Object], port: int) -> list[Object]:
    """Who comes in at a port of a server."""
    rules = made["guard"]["spec"]["ingress"]
    return [peer for rule in rules if port in {entry["port"] for entry in rule["ports"]} for peer in rule["from"]]


def ways_out(made: dict[str, Object]) -> list[tuple[Any, tuple[int, ...]]]:
    """Whom a server reaches and at which ports; None for anybody, no ports for all."""
    rules = made["guard"]["spec"]["egress"]
    return [(peer, tuple(entry["port"] for entry in rule.get("ports", ()))) for rule in rules for peer in rule.get("to", [None])]


def vllm(directory: Path, **settings: Any) -> dict[str, Object]:
    return server_of(directory, "vllm", VLLM, model="Qwen/Qwen2.5-7B-Instruct", **settings)


OUTSIDE = {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}
METADATA = ("169.254.169.254", "169.254.170.2", "fd00:ec2::254")
"""Of every cloud, of AWS' containers, and of AWS by IPv6."""
DNS = (None, (53, 53))
ANYWHERE_BY_HTTPS = (None, (443,))


def test_the_policy_is_of_the_servers_own_pods_and_of_both_directions(tmp_path: Path) -> None:
    made = demo(tmp_path)
    spec = made["guard"]["spec"]
    assert spec["podSelector"]["matchLabels"].items() <= made["workload"]["spec"]["template"]["metadata"]["labels"].items()
    assert spec["policyTypes"] == ["Ingress", "Egress"]


def test_metrics_are_for_prometheus_alone(tmp_path: Path) -> None:
    assert who(demo(tmp_path), 8002) == [named("monitoring")]


def test_of_the_prometheus_that_the_program_installs_its_pods_alone(tmp_path: Path) -> None:
    text = changed(("headroom:platform/monitoring", {"mode": "helm", "namespace": "metrics", "grafana": "none"}))
    (server,) = render(accepted(tmp_path, text)).servers
    assert who(dict(server.objects), 8002) == [named("metrics", name="prometheus")]


def test_a_server_without_a_route_is_asked_from_its_own_namespace(tmp_path: Path) -> None:
    assert who(demo(tmp_path), 8000) == [named("inference")]


def test_clients_are_who_the_stack_says_they_are(tmp_path: Path) -> None:
    made = demo(tmp_path, network={"clients": ["chat", "10.1.0.0/16"]})
    assert who(made, 8000) == [named("chat"), {"ipBlock": {"cidr": "10.1.0.0/16"}}]


def test_without_clients_only_the_route_and_prometheus_come_in(tmp_path: Path) -> None:
    assert who(demo(tmp_path, network={"clients": []}), 8000) == []


def test_its_own_load_always_comes_in(tmp_path: Path) -> None:
    load = {"image": "ghcr.io/acme/client:3"}
    made = demo(tmp_path, load=load, network={"clients": []})
    (client,) = who(made, 8000)
    labels = made["load"]["spec"]["template"]["metadata"]["labels"]
    assert client["podSelector"]["matchLabels"].items() <= labels.items()


def test_a_route_lets_traefik_in_at_its_ports_alone(tmp_path: Path) -> None:
    text = changed(
        ("headroom:platform/traefik", "helm"),
        (f"{DEMO}/route", {"ports": ["grpc"]}),
        (f"{DEMO}/network", {"clients": []}),
    )
    (server,) = render(accepted(tmp_path, text)).servers
    made = dict(server.objects)
    assert who(made, 8001) == [named("traefik", name="traefik", instance="traefik-traefik")]
    assert who(made, 8000) == []


def test_a_server_behind_anothers_route_lets_traefik_in_too(tmp_path: Path) -> None:
    other = yaml_text.load(GOOD)["config"]["headroom:servers"]["demo"]
    text = changed(("headroom:platform/traefik", "helm"), (f"{DEMO}/route", {"also": ["other"]}), ("headroom:servers/other", other))
    servers = render(accepted(tmp_path, text)).servers
    assert [named("traefik", name="traefik", instance="traefik-traefik") in who(dict(server.objects), 8000) for server in servers] == [
        True
    ] * 2


def test_nobody_comes_in_at_a_guarded_port(tmp_path: Path) -> None:
    made = server_of(tmp_path, "torchserve", **TORCHSERVE, network={"clients": ["0.0.0.0/0"]})
    assert who(made, 8081) == []


def test_a_server_that_fetches_nothing_asks_for_names_alone(tmp_path: Path) -> None:
    assert ways_out(demo(tmp_path)) == [DNS]


def test_an_engine_that_fetches_its_model_reaches_https(tmp_path: Path) -> None:
    assert ways_out(vllm(tmp_path)) == [DNS, ANYWHERE_BY_HTTPS]


def test_a_repository_that_is_a_uri_is_reached(tmp_path: Path) -> None:
    assert ways_out(demo(tmp_path, models="s3://bucket/models")) == [DNS, ANYWHERE_BY_HTTPS]


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        ({"environment": {"HTTPS_PROXY": "http://proxy.example.com:3128"}}, (OUTSIDE, (3128,))),
        ({"environment": {"HF_ENDPOINT": "http://mirror.example.com"}}, (OUTSIDE, (80,))),
        ({"arguments": ["--otlp-traces-endpoint=http://10.0.0.7:4317"]}, ({"ipBlock": {"cidr": "10.0.0.7/32"}}, (4317,))),
        ({"environment": {"HF_ENDPOINT": "http://mirror.hub.svc.cluster.local:8080"}}, (named("hub"), ())),
        ({"environment": {"HF_ENDPOINT": "http://mirror:8080"}}, (named("inference"), ())),
        ({"network": {"reaches": ["minio"]}}, (named("minio"), ())),
        ({"network": {"reaches": ["10.0.0.0/8"]}}, ({"ipBlock": {"cidr": "10.0.0.0/8"}}, ())),
    ],
    ids=str,
)
def test_what_the_stack_tells_a_server_of_is_reached(tmp_path: Path, settings: dict[str, Any], way: tuple[Any, tuple[int, ...]]) -> None:
    assert way in ways_out(vllm(tmp_path, **settings))


def test_tritons_form_of_a_store_of_ones_own_is_reached(tmp_path: Path) -> None:
    assert (OUTSIDE, (9000,)) in ways_out(demo(tmp_path, models="s3://https://store.example.com:9000/bucket"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0"])
def test_what_is_in_the_pod_itself_needs_no_way(tmp_path: Path, host: str) -> None:
    assert ways_out(demo(tmp_path, environment={"ADMIN": f"http://{host}:9000"})) == [DNS]


def test_the_pods_of_a_group_reach_each_other_and_their_api_server() -> None:
    (made,) = (dict(server.objects) for server in desired("prod-eks").servers if server.name == "llama-405b")
    group = {"podSelector": made["guard"]["spec"]["podSelector"]}
    assert {"from": [group]} in made["guard"]["spec"]["ingress"]
    assert {(str(peer), ports) for peer, ports in ways_out(made)} >= {(str(group), ()), ("None", (443, 6443))}


def test_a_sidecar_that_asks_the_api_server_reaches_it(tmp_path: Path) -> None:
    scaled = {"scaleWorkers": True, "memoryPerWorker": "1Gi", "gpuMemory": 24000, "gpuMemoryPerWorker": 2000}
    made = server_of(tmp_path, "torchserve", **TORCHSERVE, options=scaled)
    assert ways_out(made) == [DNS, (None, (443, 6443))]


@pytest.mark.parametrize(
    ("reached", "excepted"),
    [("0.0.0.0/0", ["169.254.0.0/16"]), ("::/0", ["fd00:ec2::254/128"]), ("169.254.169.254/32", None), ("10.0.0.0/8", None)],
)
def test_a_wide_range_is_not_the_clouds_metadata(tmp_path: Path, reached: str, excepted: list[str] | None) -> None:
    *_, (peer, _) = ways_out(demo(tmp_path, network={"reaches": [reached]}))
    assert peer["ipBlock"].get("except") == excepted


@pytest.mark.parametrize("address", METADATA)
@pytest.mark.parametrize("url", ["http://proxy.corp.example", "http://proxy.corp.example:8080", "http://10.0.0.7"])
def test_no_url_that_a_server_is_told_of_opens_the_clouds_metadata(tmp_path: Path, url: str, address: str) -> None:
    made = vllm(tmp_path, environment={"HTTP_PROXY": url})
    barriers = gather(Document(each) for each in made.values()).barriers
    server = Pod("inference", {}, made["workload"]["spec"]["template"]["metadata"]["labels"])
    assert [lets_out(barriers, server, address, Door(port)) for port in (80, 987, 988, 8080)] == [False] * 4


@pytest.mark.parametrize("stack", ["dev-eks", "dev-gke"])
def test_the_clouds_metadata_is_closed_to_pods_that_are_nobody(stack: str) -> None:
    for server in desired(stack).servers:
        assert ways_out(dict(server.objects)) == [DNS, ANYWHERE_BY_HTTPS]


@pytest.mark.parametrize(
    ("stack", "identity", "source"),
    [
        ("dev-eks", "arn:aws:iam::111122223333:role/models", ("169.254.170.23/32", (80,))),
        ("dev-gke", "models@my-project.iam.gserviceaccount.com", ("169.254.169.252/32", (987, 988))),
        ("dev-gke", "models@my-project.iam.gserviceaccount.com", ("169.254.169.254/32", (80, 8080))),
    ],
)
def test_pods_that_are_somebody_reach_what_tells_them_so(stack: str, identity: str, source: tuple[str, tuple[int, ...]]) -> None:
    settings = load(STACKS[stack])
    ((name, server),) = settings.servers.items()
    known = replace(settings, servers={name: server.model_copy(update={"identity": identity})})
    (made,) = render(known).servers
    assert ({"ipBlock": {"cidr": source[0]}}, source[1]) in ways_out(dict(made.objects))


@pytest.mark.parametrize("wrong", ["Chat", "10.0.0.1/8", "chat/8", ""])
def test_what_is_neither_a_namespace_nor_a_range_is_refused(tmp_path: Path, wrong: str) -> None:
    text = changed((f"{DEMO}/network", {"clients": [wrong]}))
    assert "must be a namespace, or a range of addresses such as 10.0.0.0/8" in problems(tmp_path, text)["servers.demo.network.clients[0]"]
