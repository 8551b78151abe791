"""What a NIM and a vLLM server are made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.desired.objects import Object
from headroom.wiring import promql
from tests.desired.stacks import container, server_of

NIM = "nvcr.io/nim/meta/llama-3.1-8b-instruct:{}"
VLLM = "vllm/vllm-openai:{}"


def nim(directory: Path, tag: str = "1.8.3", **settings: object) -> dict[str, Object]:
    return server_of(directory, "nim", NIM.format(tag), **settings)


def vllm(directory: Path, tag: str = "v0.18.0", **settings: object) -> dict[str, Object]:
    return server_of(directory, "vllm", VLLM.format(tag), model="Qwen/Qwen3-8B", **settings)


def test_a_nim_starts_by_its_own_entry_point(tmp_path: Path) -> None:
    assert not {"command", "args"} & container(nim(tmp_path)["workload"]).keys()


def test_a_nims_key_is_called_as_its_image_reads_it(tmp_path: Path) -> None:
    made = nim(tmp_path)
    assert made["secret-ngc-api"]["stringData"].keys() == {"NGC_API_KEY"}
    read = {"name": "demo-ngc-api", "key": "NGC_API_KEY"}
    assert {"name": "NGC_API_KEY", "valueFrom": {"secretKeyRef": read}} in container(made["workload"])["env"]


def test_a_nims_image_is_pulled_with_a_login(tmp_path: Path) -> None:
    made = nim(tmp_path)
    assert made["secret-pull"]["type"] == "kubernetes.io/dockerconfigjson"
    assert made["workload"]["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "demo-pull"}]


def test_weights_are_kept_where_every_replica_reads_them(tmp_path: Path) -> None:
    made = nim(tmp_path, cache={"storageClass": "efs", "size": "50Gi"})
    assert made["cache"]["spec"]["accessModes"] == ["ReadWriteMany"]
    pod = container(made["workload"])
    assert {"name": "cache", "mountPath": "/opt/nim/.cache"} in pod["volumeMounts"]
    assert {"name": "NIM_CACHE_PATH", "value": "/opt/nim/.cache"} in pod["env"]


@pytest.mark.parametrize(
    ("cache", "source"),
    [
        (None, {"emptyDir": {}}),
        ({"claim": "weights"}, {"persistentVolumeClaim": {"claimName": "weights"}}),
        ("weights", {"persistentVolumeClaim": {"claimName": "weights"}}),
        ({"storageClass": "efs"}, {"persistentVolumeClaim": {"claimName": "demo-cache"}}),
        ({"hostPath": "/mnt/weights"}, {"hostPath": {"path": "/mnt/weights", "type": "DirectoryOrCreate"}}),
    ],
    ids=["none", "claim", "claim in short", "storageClass", "hostPath"],
)
def test_weights_are_where_the_stack_file_says(tmp_path: Path, cache: object, source: Object) -> None:
    made = nim(tmp_path, cache=cache) if cache else nim(tmp_path)
    (volume,) = [volume for volume in made["workload"]["spec"]["template"]["spec"]["volumes"] if volume["name"] == "cache"]
    assert volume == {"name": "cache", **source}
    assert {"name": "cache", "mountPath": "/opt/nim/.cache"} in container(made["workload"])["volumeMounts"]
    # Only a claim that is made for the server is one of its objects.
    claims = [item["metadata"]["name"] for item in made.values() if item["kind"] == "PersistentVolumeClaim"]
    assert claims == (["demo-cache"] if "demo-cache" in str(source) else [])


@pytest.mark.parametrize(("tag", "path"), [("1.3.3", "/metrics"), ("1.8.3", "/v1/metrics"), ("2.0.4", "/v1/metrics")])
def test_one_monitor_scrapes_each_pod_once_where_its_version_has_metrics(tmp_path: Path, tag: str, path: str) -> None:
    made = nim(tmp_path, tag)
    assert [item["kind"] for item in made.values() if item["kind"].endswith("Monitor")] == ["PodMonitor"]
    (endpoint,) = made["monitor"]["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("http", path)


def test_a_nim_has_half_an_hour_to_fetch_its_weights(tmp_path: Path) -> None:
    probe = container(nim(tmp_path)["workload"])["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 1800


def test_vllm_serves_the_model_that_is_named_and_drains_where_it_can(tmp_path: Path) -> None:
    made = container(vllm(tmp_path)["workload"])
    assert made["command"] == ["vllm"]
    assert made["args"] == ["serve", "Qwen/Qwen3-8B", "--host=0.0.0.0", "--port=8000", "--shutdown-timeout=60"]


def test_a_vllm_replica_of_several_gpus_is_told_so(tmp_path: Path) -> None:
    made = vllm(tmp_path, "v0.11.0", gpus=2, parallelism={"tensor": 2}, pool="l4x4")
    assert container(made["workload"])["args"][-2:] == ["--tensor-parallel-size=2", "--pipeline-parallel-size=1"]
    assert container(made["workload"])["resources"]["limits"]["nvidia.com/gpu"] == "2"


def test_vllm_runs_as_no_root_and_writes_to_its_cache_alone(tmp_path: Path) -> None:
    made = container(vllm(tmp_path)["workload"])
    values = {entry["name"]: entry.get("value") for entry in made["env"]}
    assert (values["HF_HOME"], values["VLLM_CACHE_ROOT"], values["HOME"]) == ("/cache/huggingface", "/cache/vllm", "/tmp")


@pytest.mark.parametrize("arguments", [["--served-model-name=qwen"], ["--served-model-name", "qwen", "qwen-8b"]], ids=" ".join)
def test_signals_count_the_series_of_the_name_under_which_vllm_serves_its_model(tmp_path: Path, arguments: list[str]) -> None:
    made = vllm(tmp_path, arguments=arguments)
    assert read(made) == {"qwen"}
    assert container(made["workload"])["args"][:2] == ["serve", "Qwen/Qwen3-8B"]


def test_signals_count_the_series_of_the_name_under_which_a_nim_serves_its_model(tmp_path: Path) -> None:
    assert read(nim(tmp_path, model="meta/llama", environment={"NIM_SERVED_MODEL_NAME": "llama"})) == {"llama"}


def test_clients_ask_for_the_name_under_which_a_model_is_served(tmp_path: Path) -> None:
    asked = container(vllm(tmp_path, arguments=["--served-model-name=qwen"], load={"concurrency": 4})["load"])["args"]
    assert asked[asked.index("-m") + 1] == "qwen"


def read(made: dict[str, Object]) -> set[str]:
    """The models whose series the rules read."""
    trees = [promql.parse(rule["expr"]) for rule in made["rules"]["spec"]["groups"][0]["rules"]]
    found = [matcher for tree in trees for use in promql.uses(tree) for matcher in promql.matchers(use.selector)]
    return {value for label, _, value in found if label == "model_name"}
