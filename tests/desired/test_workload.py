"""What holds of every server's workload, whatever its stack file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.triton import TRITON
from headroom.catalog.names import APP_INSTANCE, APP_NAME
from headroom.desired.objects import Object
from tests.desired.stacks import container, demo, every_object, every_workload, title

# A server's client pods have its labels too, and are selected by another one.
OF_SERVERS = [
    item
    for item in every_workload()
    if item["metadata"]["labels"][APP_NAME] in ENGINES and APP_INSTANCE in item["spec"]["selector"]["matchLabels"]
]
WORKLOADS = pytest.mark.parametrize("workload", OF_SERVERS, ids=title)
ENGINE = TRITON.at((25, 6))


def _pod(workload: Object) -> Object:
    return workload["spec"]["template"]["spec"]


@WORKLOADS
def test_replicas_are_the_autoscalers(workload: Object) -> None:
    assert "replicas" not in workload["spec"]


@WORKLOADS
def test_every_replica_carries_what_the_workload_selects(workload: Object) -> None:
    selected = workload["spec"]["selector"]["matchLabels"].items()
    assert selected <= workload["spec"]["template"]["metadata"]["labels"].items()


def test_selectors_stay_when_the_version_changes(tmp_path: Path) -> None:
    """A Deployment's selector cannot change: an upgrade would have to delete it, and with it every replica."""
    before = demo(tmp_path, image="nvcr.io/nvidia/tritonserver:24.01-py3")
    after = demo(tmp_path, image="nvcr.io/nvidia/tritonserver:26.07-py3")
    assert [_selectors(objects) for objects in (before, after)] == [_selectors(before)] * 2


def _selectors(objects: dict[str, Object]) -> list[Object]:
    return [item["spec"]["selector"] for item in objects.values() if "selector" in item.get("spec", {})]


@WORKLOADS
def test_a_replica_that_goes_has_time_for_its_pre_stop_and_the_engines_own_exit(workload: Object) -> None:
    pre_stop = container(workload)["lifecycle"]["preStop"]["sleep"]["seconds"]
    engine = ENGINES[workload["metadata"]["labels"]["app.kubernetes.io/name"]].oldest
    assert _pod(workload)["terminationGracePeriodSeconds"] >= pre_stop + engine.exit_seconds


def test_the_longest_request_ends_before_the_engine_is_told_to_exit(tmp_path: Path) -> None:
    assert container(demo(tmp_path, drain="90s")["workload"])["lifecycle"]["preStop"] == {"sleep": {"seconds": 90}}


@pytest.mark.parametrize("startup", ["1s", "299s", "10m", "601s", "2h"])
def test_the_start_up_probe_holds_the_whole_budget(tmp_path: Path, startup: str) -> None:
    seconds = {"1s": 1, "299s": 299, "10m": 600, "601s": 601, "2h": 7200}[startup]
    probe = container(demo(tmp_path, startup=startup)["workload"])["startupProbe"]
    assert seconds <= probe["periodSeconds"] * probe["failureThreshold"] < seconds + probe["periodSeconds"]


def test_the_start_up_budget_is_the_engines_by_default(tmp_path: Path) -> None:
    probe = container(demo(tmp_path)["workload"])["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == ENGINE.startup_seconds


@WORKLOADS
def test_a_rollout_is_given_up_only_after_the_start_up_budget(workload: Object) -> None:
    probe = container(workload)["startupProbe"]
    assert workload["spec"]["progressDeadlineSeconds"] > probe["periodSeconds"] * probe["failureThreshold"]


@WORKLOADS
def test_a_command_has_ended_before_the_next_one_starts(workload: Object) -> None:
    probes = [container(workload)[kind] for kind in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert all(probe["timeoutSeconds"] <= probe["periodSeconds"] for probe in probes if "exec" in probe)


@WORKLOADS
def test_probes_ask_a_port_that_the_container_names(workload: Object) -> None:
    named = {known for port in container(workload)["ports"] for known in (port["name"], port["containerPort"])}
    probes = [container(workload)[kind] for kind in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert {(probe.get("httpGet") or probe["grpc"])["port"] for probe in probes if "exec" not in probe} <= named


def test_the_engine_listens_on_the_ports_that_the_container_names(tmp_path: Path) -> None:
    workload = demo(tmp_path)["workload"]
    listening = {arg.partition("=")[2] for arg in container(workload)["args"] if "-port=" in arg}
    assert listening == {str(port["containerPort"]) for port in container(workload)["ports"]}


@WORKLOADS
def test_every_mount_has_its_volume(workload: Object) -> None:
    containers = [*_pod(workload).get("initContainers", []), *_pod(workload)["containers"]]
    mounted = {mount["name"] for each in containers for mount in each["volumeMounts"]}
    assert mounted == {volume["name"] for volume in _pod(workload)["volumes"]}


@WORKLOADS
def test_gpus_are_requested_and_limited_alike(workload: Object) -> None:
    resources = container(workload)["resources"]
    requested, limited = (
        {key: count for key, count in resources[kind].items() if key.startswith("nvidia.com/")} for kind in ("requests", "limits")
    )
    assert requested == limited != {}


@WORKLOADS
def test_cpu_has_no_limit(workload: Object) -> None:
    """A throttled server waits in its queue while the node is idle, and the autoscaler adds GPUs for it."""
    assert "cpu" not in container(workload)["resources"]["limits"]


def test_a_replica_runs_on_its_pool_alone(tmp_path: Path) -> None:
    assert _pod(demo(tmp_path)["workload"])["nodeSelector"] == {"headroom.dev/pool": "l4"}


def test_surge_never_takes_a_replica_before_its_successor_serves(tmp_path: Path) -> None:
    strategy = demo(tmp_path)["workload"]["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_recreate_needs_no_room(tmp_path: Path) -> None:
    assert demo(tmp_path, rollout="recreate")["workload"]["spec"]["strategy"] == {"type": "Recreate"}


def test_further_arguments_come_after_the_engines_own(tmp_path: Path) -> None:
    assert container(demo(tmp_path, arguments=["--log-verbose=1"])["workload"])["args"][-1] == "--log-verbose=1"


def test_a_uri_is_what_the_engine_reads_its_models_from(tmp_path: Path) -> None:
    assert "--model-repository=s3://a/b" in container(demo(tmp_path, models="s3://a/b")["workload"])["args"]


def test_the_model_files_name_follows_their_content(tmp_path: Path) -> None:
    names = set()
    for content in ("one", "two", "one"):
        (tmp_path / "repository").mkdir(exist_ok=True)
        (tmp_path / "repository" / "config.pbtxt").write_text(content)
        names.add(demo(tmp_path, models="repository")["models"]["metadata"]["name"])
    assert len(names) == 2


def test_the_workload_mounts_the_model_files_under_their_own_paths(tmp_path: Path) -> None:
    (tmp_path / "repository" / "sleeper" / "1").mkdir(parents=True)
    (tmp_path / "repository" / "sleeper" / "1" / "model.py").write_text("code")
    objects = demo(tmp_path, models="repository")
    volume = next(v for v in _pod(objects["workload"])["volumes"] if v["name"] == "models")["configMap"]
    found = {item["path"]: objects["models"]["data"][item["key"]] for item in volume["items"]}
    assert (volume["name"], found) == (objects["models"]["metadata"]["name"], {"sleeper/1/model.py": "code"})


def test_a_claim_is_mounted_read_only(tmp_path: Path) -> None:
    mounts = container(demo(tmp_path, models={"claim": "weights"})["workload"])["volumeMounts"]
    assert {"name": "models", "mountPath": "/models", "readOnly": True} in mounts


def test_the_service_offers_every_port_but_the_metrics(tmp_path: Path) -> None:
    ports = demo(tmp_path)["service"]["spec"]["ports"]
    assert {port["name"]: port["appProtocol"] for port in ports} == {"http": "http", "grpc": "kubernetes.io/h2c"}


def test_one_replica_alone_may_still_be_evicted(tmp_path: Path) -> None:
    assert demo(tmp_path)["disruption-budget"]["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("item", every_object(), ids=title)
def test_names_fit_into_a_label(item: Object) -> None:
    assert len(item["metadata"]["name"]) <= 63


def test_the_longest_server_name_leaves_room_for_the_hash(tmp_path: Path) -> None:
    from headroom.desired.serving.storage import model_files

    assert len(model_files("a" * 40, "b", {}, {"c": "d"})["metadata"]["name"]) <= 63
