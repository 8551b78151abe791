"""Client pods beside a server: they ask its Service, stay off GPU nodes, and are nobody's replicas."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from headroom import yaml_text
from headroom.catalog.names import APP_INSTANCE
from headroom.desired.objects import Object
from headroom.desired.serving.load import AGAIN
from headroom.settings import InvalidStack
from tests.desired.stacks import container, demo, server_of

PAGES = Path(__file__).resolve().parents[2] / "docs" / "engines"
OWN = {"image": "ghcr.io/acme/client:3", "command": ["client"], "arguments": ["--url=$host:8000", "--parallel=$concurrency"]}


@pytest.fixture
def clients(tmp_path: Path) -> Object:
    return demo(tmp_path, load={**OWN, "clients": 10, "concurrency": 4})["load"]


def test_as_many_clients_as_asked_for(clients: Object) -> None:
    assert clients["spec"]["replicas"] == 10


def test_a_client_is_told_the_servers_address_and_its_own_concurrency(clients: Object) -> None:
    (container,) = clients["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["--url=demo.inference.svc:8000", "--parallel=4"]


def test_the_servers_service_and_monitor_do_not_take_a_client_for_a_replica(clients: Object) -> None:
    assert APP_INSTANCE not in clients["spec"]["template"]["metadata"]["labels"]


def test_a_client_keeps_off_gpu_nodes(clients: Object) -> None:
    pod = clients["spec"]["template"]["spec"]
    assert "tolerations" not in pod
    assert "nvidia.com/gpu" not in str(pod)


def test_clients_run_on_the_nodes_that_are_theirs_and_otherwise_anywhere(tmp_path: Path, clients: Object) -> None:
    theirs = {"example.com/role": "client", "kubernetes.io/arch": "amd64"}
    placed = demo(tmp_path, load={**OWN, "nodeSelector": theirs})["load"]
    assert placed["spec"]["template"]["spec"]["nodeSelector"] == theirs
    assert "nodeSelector" not in clients["spec"]["template"]["spec"]


@pytest.mark.parametrize("labels", [{"a role": "client"}, {"role": "a client"}])
def test_a_label_that_no_node_can_have_is_refused(tmp_path: Path, labels: dict[str, str]) -> None:
    with pytest.raises(InvalidStack, match=r"servers\.demo\.load\.nodeSelector"):
        demo(tmp_path, load={**OWN, "nodeSelector": labels})


def test_without_load_there_are_no_clients(tmp_path: Path) -> None:
    assert "load" not in demo(tmp_path)


def test_tritons_client_asks_for_the_servers_model(tmp_path: Path) -> None:
    made = container(demo(tmp_path, model="sleeper", load={"concurrency": 8})["load"])
    assert made["image"].endswith("-py3-sdk")
    assert [*made["command"], *made["args"]][len(AGAIN) :] == [
        *("perf_analyzer", "-m", "sleeper", "-u", "demo.inference.svc:8000", "--concurrency-range", "8")
    ]


def test_rivas_client_is_in_the_servers_image_and_speaks_at_the_pace_of_speech(tmp_path: Path) -> None:
    server = server_of(
        tmp_path,
        "riva",
        "nvcr.io/nvidia/riva/riva-speech:2.19.0",
        cache={"claim": "riva"},
        autoscaling={"replicas": {"max": 2}, "signals": {"streams": 10}},
        load={"concurrency": 32},
    )
    made = container(server["load"])
    assert made["image"] == container(server["workload"])["image"]
    assert {"--simulate_realtime=true", "--num_parallel_requests=32", "--riva_uri=demo.inference.svc:50051"} <= set(made["args"])


def test_tensorrt_llms_client_asks_the_ensemble_with_the_models_tokenizer(tmp_path: Path) -> None:
    made = server_of(
        tmp_path,
        "tensorrt-llm",
        "nvcr.io/nvidia/tritonserver:25.05-trtllm-python-py3",
        gpuProducts=["NVIDIA-L4"],
        cache={"claim": "engines"},
        model="openai-community/gpt2",
        autoscaling={"replicas": {"max": 2}, "signals": {"requests-running": 2}},
        load={},
    )
    asked = container(made["load"])["args"]
    assert [asked[asked.index(flag) + 1] for flag in ("-m", "--tokenizer", "-u")] == [
        *("ensemble", "openai-community/gpt2", "demo.inference.svc:8001")
    ]


@pytest.fixture
def jmeter(tmp_path: Path) -> dict[str, Object]:
    return torchserve(tmp_path, concurrency=30)


def torchserve(directory: Path, **load: Any) -> dict[str, Object]:
    scaled = {"backend": "hpa", "replicas": {"max": 2}, "signals": {"queue-length": 2}}
    image = "pytorch/torchserve:0.12.0-gpu"
    return server_of(directory, "torchserve", image, model="tiny", models="s3://bucket/models", autoscaling=scaled, load=load)


def mounted(objects: dict[str, Object]) -> dict[str, str]:
    """The texts that a client finds, by path."""
    (volume,) = objects["load"]["spec"]["template"]["spec"]["volumes"]
    assert volume["configMap"]["name"] == objects["load-files"]["metadata"]["name"]
    data = objects["load-files"]["data"]
    return {mount["mountPath"]: data[mount["subPath"]] for mount in container(objects["load"])["volumeMounts"]}


def test_torchserves_client_is_jmeter_with_as_many_users_as_asked_for(jmeter: dict[str, Object]) -> None:
    made = container(jmeter["load"])
    assert "/jmeter:" in made["image"]
    said = [*made["command"], *made["args"]][len(AGAIN) :]
    assert said[:4] == ["jmeter", "-n", "-t", "/etc/jmeter/plan.jmx"]
    assert {"-Jhost=demo.inference.svc", "-Jmodel=tiny", "-Jusers=30"} <= set(said)


def test_jmeters_plan_asks_for_predictions_without_end_and_is_told_all_that_it_reads(jmeter: dict[str, Object]) -> None:
    plan = ElementTree.fromstring(mounted(jmeter)["/etc/jmeter/plan.jmx"])
    said = {part.get("name"): part.text for part in plan.iter() if part.tag.endswith("Prop")}
    assert (said["HTTPSampler.path"], said["HTTPSampler.method"], said["HTTPSampler.port"]) == (
        *("/predictions/${__P(model)}", "POST"),
        "${__P(port,8080)}",
    )
    assert (said["LoopController.loops"], said["HTTPSampler.use_keepalive"]) == ("-1", "false")
    without_a_default = set(re.findall(r"__P\((\w+)\)", ElementTree.tostring(plan, "unicode")))
    given = {word[2:].partition("=")[0] for word in container(jmeter["load"])["args"] if word.startswith("-J")}
    assert without_a_default == {"host", "model", "body"}
    assert without_a_default <= given


def test_what_jmeter_sends_may_be_ones_own(tmp_path: Path, jmeter: dict[str, Object]) -> None:
    own = torchserve(tmp_path, files={"/etc/jmeter/body.json": "{}"})
    assert f"-Jbody={'/etc/jmeter/body.json'}" in container(own["load"])["args"]
    assert [mounted(objects)["/etc/jmeter/body.json"] for objects in (own, jmeter)] == ["{}", "[1.0, 2.0]"]
    assert own["load-files"]["metadata"]["name"] != jmeter["load-files"]["metadata"]["name"]


def test_the_load_of_torchserves_page_sends_what_it_says(tmp_path: Path) -> None:
    made = torchserve(tmp_path, **written("torchserve")["load"])
    assert {"-Jusers=30", "-Jtype=text/plain"} <= set(container(made["load"])["args"])
    assert mounted(made)["/etc/jmeter/body.json"] == "a text as the model takes it"


def written(engine: str) -> dict[str, Any]:
    """The one block of an engine's page that says how it is loaded in a cluster."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (PAGES / f"{engine}.md").read_text(), re.DOTALL | re.MULTILINE)
    (block,) = [block for block in blocks if re.search("^load:", block, re.MULTILINE)]
    return yaml_text.load(block)


def test_a_client_of_ones_own_has_ones_own_files_alone(tmp_path: Path) -> None:
    own = torchserve(tmp_path, **OWN, files={"/opt/ask.py": "print()"})
    assert mounted(own) == {"/opt/ask.py": "print()"}
    assert "load-files" not in torchserve(tmp_path, **OWN)


@pytest.mark.parametrize("load", [{}, OWN], ids=["published", "one's own"])
def test_a_client_may_write_where_it_stands(tmp_path: Path, load: dict[str, Any]) -> None:
    made = container(demo(tmp_path, model="sleeper", load=load)["load"])
    assert made["workingDir"] == "/tmp"
    assert {"name": "HOME", "value": "/tmp"} in made["env"]


def test_the_aiperf_of_nims_page_runs_as_it_is_written(tmp_path: Path) -> None:
    made = container(server_of(tmp_path, "nim", "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.3", **written("nim"))["load"])
    assert made["command"] == ["sh", "-c"]
    (script,) = made["args"]
    assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0
    loop, asked, *_ = script.replace("; do ", ";").split(";")
    words = shlex.split(asked)
    told = dict(pairwise(words))
    assert (loop, words[:2]) == ("while true", ["aiperf", "profile"])
    assert (told["--model"], told["--url"]) == ("meta/llama-3.1-8b-instruct", "http://demo.inference.svc:8000")
    assert (told["--tokenizer"], told["--concurrency"]) == ("meta-llama/Llama-3.1-8B-Instruct", "10,100,200,400")
    variables = {entry["name"]: entry.get("value") or entry["valueFrom"]["secretKeyRef"] for entry in made["env"]}
    assert variables["HF_TOKEN"] == {"name": "demo-huggingface", "key": "HF_TOKEN"}
    assert (made["workingDir"], variables["HOME"]) == ("/tmp", "/tmp")


@pytest.mark.parametrize("said", [{"arguments": ["--model=$model"]}, {"command": ["sh", "-c", "ask ${model}"]}])
def test_a_client_of_ones_own_that_names_the_model_wants_to_know_it(tmp_path: Path, said: dict[str, Any]) -> None:
    with pytest.raises(InvalidStack, match=r"servers\.demo\.model.* is required by load"):
        demo(tmp_path, load={**OWN, **said})
    assert "sleeper" in str(container(demo(tmp_path, model="sleeper", load={**OWN, **said})["load"]))


def test_what_a_shell_has_dollars_for_is_left_to_it(tmp_path: Path) -> None:
    made = container(demo(tmp_path, load={**OWN, "command": ["sh", "-c", 'for i in 1 2; do ask "$host/$i" & wait $!; done']})["load"])
    assert made["command"][-1] == 'for i in 1 2; do ask "demo.inference.svc/$i" & wait $!; done'


def test_a_published_client_that_has_ended_begins_again_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    # A pause that takes no time.
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    (tmp_path / "sleep").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    running = subprocess.Popen([*AGAIN, "echo", "asked"], stdout=subprocess.PIPE, text=True, env=environment)
    assert running.stdout
    assert [running.stdout.readline(), running.stdout.readline()] == ["asked\n", "asked\n"]
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=5) == 0
