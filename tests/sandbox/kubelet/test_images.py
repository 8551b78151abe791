"""The table of images: which program runs for a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.catalog.engines.triton import TRITON
from headroom.catalog.images import mirrored
from headroom.sandbox.kubelet import images, pytriton
from headroom.sandbox.kubelet.settings import simulate, simulation_variables


def test_the_image_of_the_catalogs_engine_is_known() -> None:
    assert images.find(f"{TRITON.oldest.image}:25.06-py3")


@pytest.mark.parametrize("known", images.IMAGES)
def test_an_image_in_a_mirror_is_the_one_that_it_mirrors(known: str) -> None:
    image = known.replace("*", "25.06") if ":" in known else f"{known.replace('*', 'meta/llama')}:25.06"
    assert images.find(mirrored(image, "mirror.example.com/images")) == images.IMAGES[known]


def test_a_tag_may_tell_another_engine() -> None:
    found = images.find("nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3@sha256:abc")
    assert found
    assert found.runtime(simulate=False).title == "simulator of TensorRT-LLM in Triton"


@pytest.mark.parametrize(
    ("image", "title", "entrypoint"),
    [
        ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3", "simulator of nim", ("/opt/nim/start_server.sh",)),
        ("vllm/vllm-openai:v0.11.0", "simulator of vllm", ()),
    ],
)
def test_language_models_are_simulated_and_nim_starts_by_itself(image: str, title: str, entrypoint: tuple[str, ...]) -> None:
    found = images.find(image)
    assert found
    runtime = found.runtime(simulate=False)
    assert (runtime.title, runtime.entrypoint) == (title, entrypoint)


@pytest.mark.parametrize(
    ("image", "programs"),
    [
        ("nvcr.io/nvidia/riva/riva-speech:2.19.0", {"start-riva", "download_and_deploy_ngc_models"}),
        ("sandbox.headroom.dev/triton-kaldi:21.08", {"tritonserver", "wget"}),
    ],
)
def test_simulators_of_speech_find_grpc_and_nothing_else_of_the_environment(image: str, programs: set[str]) -> None:
    found = images.find(image)
    assert found
    runtime = found.runtime(simulate=False)
    assert {path.rpartition("/")[2] for path in runtime.programs} == programs
    packages = {bind.target.rpartition("/")[2] for bind in runtime.binds if "site-packages" in bind.source}
    assert packages == {"grpc", "typing_extensions.py"}


def test_an_unknown_image_is_told_with_those_that_are_known() -> None:
    assert images.find("nginx:1") is None
    assert all(known in images.unknown("nginx:1") for known in images.IMAGES)


def test_without_the_real_program_its_simulator_runs() -> None:
    triton = images.Image(images.IMAGES["nvcr.io/nvidia/tritonserver"].stand_in, real=lambda: None)
    assert triton.runtime(simulate=False).title == "simulator of triton"


def test_what_the_sandbox_provides_is_known_as_such() -> None:
    assert images.is_provided("quay.io/prometheus/prometheus:v3.13.2")
    assert not images.is_provided("sandbox.headroom.dev/tools")


def test_a_simulator_can_be_asked_for_everywhere_or_by_one_pod() -> None:
    containers = {"containers": [{"env": [{"name": "LOG", "value": "1"}]}, {}]}
    plain = {"metadata": {}, "spec": containers}
    asking = {"metadata": {"annotations": {"sandbox.headroom.dev/runtime": "simulator"}}, "spec": containers}
    told = {"metadata": {}, "spec": {"containers": [{"env": [{"name": "SANDBOX_STREAMS", "value": "12"}]}]}}
    assert [
        simulate(plain, "triton", {}),
        simulate(plain, "triton", {"HEADROOM_ENGINE_TRITON": "simulator"}),
        simulate(asking, "triton", {}),
        simulate(told, "triton", {}),
    ] == [False, True, True, True]


def test_the_image_and_the_pods_annotations_reach_the_simulator_as_variables() -> None:
    pod = {"metadata": {"annotations": {"sandbox.headroom.dev/service-time": "200ms", "other": "x"}}}
    assert simulation_variables(pod, {"image": "x:1"}) == {"SANDBOX_IMAGE": "x:1", "SANDBOX_SERVICE_TIME": "200ms"}


def test_the_real_triton_is_laid_out_as_in_its_image(tmp_path: Path) -> None:
    packages = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    (packages / "pytriton" / "tritonserver" / "backends" / "python").mkdir(parents=True)
    (packages / "pytriton" / "tritonserver" / "backends" / "python" / "libtriton_python.so").touch()
    (packages / "nvidia_pytriton-0.7.0.dist-info").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").write_text("home = /opt/python/bin\nversion = 3.11.7\n")
    runtime = pytriton.runtime(tmp_path / "venv" / "bin")
    assert {
        "/opt/tritonserver/bin",
        "/opt/tritonserver/backends/python/libtriton_python.so",
        "/opt/tritonserver/backends/python/triton_python_backend_stub",
        "/opt/python",
    } <= {bind.target for bind in runtime.binds}
    assert runtime.env["LD_LIBRARY_PATH"] == "/opt/python/lib"
