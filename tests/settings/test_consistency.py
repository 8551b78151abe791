"""What must hold between the parts of a stack: room in the pool, versions, add-ons, windows, model files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.settings.consistency import engine_of
from tests.settings.stack_files import DEMO, GOOD, accepted, changed, problems, without

MAX = f"{DEMO}/autoscaling/replicas/max"


def test_four_lines_and_a_target_make_a_server(tmp_path: Path) -> None:
    assert accepted(tmp_path, GOOD).servers["demo"].autoscaling.replicas.min == 1


def test_more_gpus_than_the_machine_has_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/gpus", 2))) == {
        "servers.demo.gpus": "a g6.2xlarge has 1: lower gpus, or choose a pool with a larger machine"
    }


def test_as_many_gpus_as_the_machine_has_are_allowed(tmp_path: Path) -> None:
    pool = ("headroom:pools/l4/machine", "g6.12xlarge")
    assert accepted(tmp_path, changed(pool, (f"{DEMO}/gpus", 4))).servers["demo"].gpus == 4


def test_more_replicas_than_the_pool_holds_are_refused(tmp_path: Path) -> None:
    message = problems(tmp_path, changed((MAX, 6)))["servers.demo.autoscaling.replicas.max"]
    assert message.startswith("the pool holds 5 of them at its largest")


def test_the_replicas_that_a_pool_holds_are_counted_by_whole_machines(tmp_path: Path) -> None:
    """A machine with 4 GPUs holds one replica of 3."""
    pool = ("headroom:pools/l4", {"machine": "g6.12xlarge", "max": 2})
    message = problems(tmp_path, changed(pool, (f"{DEMO}/gpus", 3), (MAX, 3)))["servers.demo.autoscaling.replicas.max"]
    assert message.startswith("the pool holds 2 of them")


@pytest.mark.parametrize("resources", [{"cpu": "20"}, {"memory": "90Gi"}])
def test_cpu_and_memory_count_as_gpus_do(tmp_path: Path, resources: dict[str, str]) -> None:
    """A g6.12xlarge has 4 GPUs, 48 vCPUs and 192 GiB: two replicas of 20 vCPUs or 90 GiB fit beside what the node keeps."""
    pool = ("headroom:pools/l4", {"machine": "g6.12xlarge", "max": 1})
    message = problems(tmp_path, changed(pool, (f"{DEMO}/resources", resources)))["servers.demo.autoscaling.replicas.max"]
    assert message.startswith("the pool holds 2 of them")


@pytest.mark.parametrize(
    ("resource", "asked", "message"),
    [
        ("cpu", "8", "a g6.2xlarge has 8 vCPUs and keeps some for itself: ask for less"),
        ("memory", "32Gi", "a g6.2xlarge has 32Gi and keeps some for itself: ask for less"),
    ],
)
def test_a_replica_that_no_machine_of_the_pool_holds_is_refused(tmp_path: Path, resource: str, asked: str, message: str) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/resources/{resource}", asked)))
    assert found == {f"servers.demo.resources.{resource}": message}


def test_surge_at_the_pools_limit_names_conflict_consequence_and_remedies(tmp_path: Path) -> None:
    assert problems(tmp_path, changed((MAX, 5))) == {
        "servers.demo.rollout": "surge needs room for one replica more, and at 5 replicas the pool is full: a change at the maximum would "
        "never finish; raise the pool's max, lower replicas.max, or set rollout: recreate and accept the outage"
    }


def test_recreate_needs_no_spare_gpu(tmp_path: Path) -> None:
    stack = accepted(tmp_path, changed((MAX, 5), (f"{DEMO}/rollout", "recreate")))
    assert stack.servers["demo"].autoscaling.replicas.max == 5


def test_the_nodes_of_an_existing_cluster_may_be_described_as_pools(tmp_path: Path) -> None:
    existing = ("headroom:cluster", {"provider": "existing", "name": "prod"})
    assert accepted(tmp_path, changed(existing)).servers["demo"].pool == "l4"
    assert set(problems(tmp_path, changed(existing, (f"{DEMO}/gpus", 2)))) == {"servers.demo.gpus"}


def test_a_server_on_an_existing_cluster_needs_no_pool(tmp_path: Path) -> None:
    text = changed(("headroom:cluster", {"provider": "existing", "name": "prod"}), text=without("headroom:pools"))
    assert accepted(tmp_path, without(f"{DEMO}/pool", text)).servers["demo"].pool is None


def test_an_existing_cluster_needs_its_name(tmp_path: Path) -> None:
    found = problems(tmp_path, changed(("headroom:cluster", {"provider": "existing"})))
    assert found["cluster.name"] == "is required"


@pytest.mark.parametrize(
    "image",
    [
        "nvcr.io/nvidia/tritonserver",
        "nvcr.io/nvidia/tritonserver:latest",
        "nvcr.io/nvidia/tritonserver@sha256:0123",
        "registry:5000/tritonserver",
        "registry/triton:v2.58",
    ],
)
def test_an_image_whose_tag_tells_no_version_needs_one_beside_it(tmp_path: Path, image: str) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/image", image))) == {
        "servers.demo.image": "its tag does not tell the version of Triton Inference Server: give version beside it, such as 26.07"
    }


def test_a_digest_with_a_version_is_the_engine_at_that_version(tmp_path: Path) -> None:
    text = changed((f"{DEMO}/image", "nvcr.io/nvidia/tritonserver@sha256:0123"), (f"{DEMO}/version", "25.06"))
    assert engine_of(accepted(tmp_path, text).servers["demo"]).version == (25, 6)


def test_a_version_in_another_scheme_is_refused_with_an_example(tmp_path: Path) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/version", "2.58.0"))) == {
        "servers.demo.version": "is not a version of Triton Inference Server; such as 26.07"
    }


@pytest.mark.parametrize(("key", "value"), [("image", "nvcr.io/nvidia/tritonserver:23.12-py3"), ("version", "23.12")])
def test_a_version_older_than_what_is_known_is_refused(tmp_path: Path, key: str, value: str) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/{key}", value))) == {
        f"servers.demo.{key}": "is older than 24.01, the oldest that is known here"
    }


@pytest.mark.parametrize(("add_on", "key"), [("monitoring", "monitoring"), ("prometheusAdapter", "prometheusAdapter")])
def test_an_autoscaler_needs_the_add_ons_that_it_reads_through(tmp_path: Path, add_on: str, key: str) -> None:
    assert problems(tmp_path, changed((f"headroom:platform/{key}", "none"))) == {
        "servers.demo.autoscaling.backend": f"hpa reads its signals through {add_on}, which platform.{add_on} says is not there"
    }


@pytest.mark.parametrize("value", ["none", {"mode": "none"}])
def test_an_add_ons_short_form_is_its_mode(tmp_path: Path, value: Any) -> None:
    text = changed(("headroom:platform/prometheusAdapter", value), text=without("headroom:servers"))
    assert accepted(tmp_path, text).platform.prometheus_adapter.mode == "none"


def test_a_window_shorter_than_four_scrapes_names_both_remedies(tmp_path: Path) -> None:
    found = problems(tmp_path, changed(("headroom:platform/monitoring", {"scrapeInterval": "15s", "window": "59s"})))
    assert found == {
        "platform.monitoring": "window is shorter than 4 scrape intervals: one missed scrape would blind the autoscaler; "
        "set window to 60s or more, or scrapeInterval to 14.75s or less"
    }


def test_a_window_of_four_scrapes_is_enough(tmp_path: Path) -> None:
    monitoring = {"scrapeInterval": "5s", "window": "20s"}
    assert accepted(tmp_path, changed(("headroom:platform/monitoring", monitoring))).platform.monitoring.window == 20


@pytest.mark.parametrize("directory", ["nowhere", "..", ".", "/etc", "Pulumi.test.yaml", ""])
def test_models_come_from_a_directory_beside_the_stack_file(tmp_path: Path, directory: str) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/models", directory))) == {
        "servers.demo.models.directory": "is not a directory beside the stack file"
    }


def test_an_empty_model_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = problems(tmp_path, changed((f"{DEMO}/models", "empty")))
    assert found == {"servers.demo.models.directory": "holds no file"}


def test_model_files_that_are_not_text_are_refused_with_the_other_ways(tmp_path: Path) -> None:
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary" / "model.onnx").write_bytes(b"\xff\xfe")
    found = problems(tmp_path, changed((f"{DEMO}/models", "binary")))
    assert found == {"servers.demo.models.directory": "holds a file that is not text: use claim or uri"}


def test_model_files_larger_than_a_config_map_are_refused_with_the_other_ways(tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "weights.txt").write_text("0" * 900_001)
    found = problems(tmp_path, changed((f"{DEMO}/models", "large")))
    assert found == {"servers.demo.models.directory": "holds more than 900 kB: too large for a ConfigMap, use claim or uri"}


def test_model_files_are_read_by_relative_path_without_caches_and_hidden_files(tmp_path: Path) -> None:
    model = tmp_path / "repository" / "sleeper" / "1"
    (model / "__pycache__").mkdir(parents=True)
    (model / "__pycache__" / "model.pyc").write_text("")
    (model / ".hidden").write_text("")
    (model / "model.py").write_text("code")
    stack = accepted(tmp_path, changed((f"{DEMO}/models", "repository")))
    assert stack.model_files["demo"] == {"sleeper/1/model.py": "code"}


def test_the_short_form_of_models_tells_a_uri_from_a_directory(tmp_path: Path) -> None:
    models = accepted(tmp_path, changed((f"{DEMO}/models", "s3://bucket/models"))).servers["demo"].models
    assert models
    assert (models.uri, models.directory) == ("s3://bucket/models", None)
