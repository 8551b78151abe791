"""Pods run as real processes, and what is wrong with a manifest shows as it would in a cluster."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from headroom.sandbox.records import read
from tests.evidence import Proof
from tests.sandbox.kubelet.conftest import SECONDS, Pods, is_ready, main, waits
from tests.waiting import eventually

pytestmark = pytest.mark.tools

WEB = {"command": ["python", "-m", "http.server", "8080"], "workingDir": "/tmp", "ports": [{"name": "http", "containerPort": 8080}]}
SLEEP = {"command": ["sleep", "600"]}


def probe(port: Any = "http", **more: Any) -> dict[str, Any]:
    return {"httpGet": {"path": "/", "port": port}, "periodSeconds": 1, **more}


def pid_of(pods: Pods, name: str) -> int:
    """Process 1 of the pod's container, as the machine sees it."""
    pod = pods.get(name)
    assert pod
    uid = pod["metadata"]["uid"]
    launchers = [
        process for process in psutil.process_iter(["cmdline"]) if any(f"/{uid}/" in word for word in process.info["cmdline"] or ())
    ]
    (child,) = launchers[0].children()
    return child.pid


@pytest.mark.proves("pods are processes with an address and probes of their own", Proof.REAL)
def test_a_pod_is_ready_when_its_probe_succeeds_and_answers_on_its_own_address(pods: Pods) -> None:
    pods.create("web", {**WEB, "readinessProbe": probe()})
    status = pods.until_ready("web")
    assert status["podIP"].startswith("10.244.")
    assert "200 OK" in pods.inside("curl", "-si", f"http://{status['podIP']}:8080/").stdout


ASK = """
import socket, sys, time, urllib.request
for name in sys.argv[1:]:
    while True:
        try:
            urllib.request.urlopen(f"http://{name}:8080/")
            break
        except OSError:
            time.sleep(0.2)
    print(socket.gethostbyname(name))
"""


@pytest.mark.proves("pods find Services, and pods of them, by their names", Proof.REAL)
def test_a_pod_finds_a_service_by_its_names(pods: Pods) -> None:
    pods.create("web", {**WEB, "readinessProbe": probe()}, hostname="first", subdomain="site")
    pods.kubectl("label", "pod", "web", "app=web")
    spec = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 8080}]}
    pods.kubectl("create", "-f-", manifest={"apiVersion": "v1", "kind": "Service", "metadata": {"name": "site"}, "spec": spec})
    address = pods.until_ready("web")["podIP"]
    names = ["site", f"site.{pods.namespace}", f"site.{pods.namespace}.svc", f"first.site.{pods.namespace}.svc.cluster.local"]
    pods.create("client", {"command": ["python", "-c", ASK, *names]}, restartPolicy="Never")
    pods.until("client", lambda status: status["phase"] == "Succeeded")
    assert pods.log("client").split() == [address] * len(names)


def test_a_name_outside_the_cluster_does_not_exist(pods: Pods) -> None:
    pods.create("client", {"command": ["getent", "hosts", "example.com"]}, restartPolicy="Never")
    status = pods.until("client", lambda status: status["phase"] == "Failed")
    assert main(status)["state"]["terminated"]["exitCode"] == 2


def test_two_pods_listen_on_the_same_port(pods: Pods) -> None:
    pods.create("a", {**WEB, "readinessProbe": probe()})
    pods.create("b", {**WEB, "readinessProbe": probe()})
    assert pods.until_ready("a")["podIP"] != pods.until_ready("b")["podIP"]


def test_a_probe_of_the_wrong_port_leaves_the_pod_not_ready_with_an_event(pods: Pods) -> None:
    pods.create("web", {**WEB, "readinessProbe": probe(8081)})
    message = pods.until_event("web", "Unhealthy")
    assert message.startswith("Readiness probe failed: ")
    assert ":8081: connect: connection refused" in message
    assert not is_ready(pods.status("web"))


def test_a_program_that_fails_is_restarted_with_a_growing_back_off(pods: Pods) -> None:
    pods.create("bad", {"command": ["sh", "-c", "exit 3"]})
    status = pods.until("bad", lambda status: waits("CrashLoopBackOff")(status) and main(status)["restartCount"] >= 2)
    assert main(status)["lastState"]["terminated"]["exitCode"] == 3
    assert "Back-off restarting failed container" in pods.until_event("bad", "BackOff")


def test_a_program_that_fails_leaves_its_last_words_where_it_is_asked_to(pods: Pods) -> None:
    pods.create(
        "bad",
        {"command": ["sh", "-c", "echo no model; exit 1"], "terminationMessagePolicy": "FallbackToLogsOnError"},
        restartPolicy="Never",
    )
    status = pods.until("bad", lambda status: status["phase"] == "Failed")
    assert main(status)["state"]["terminated"]["message"] == "no model"


def test_a_command_that_does_not_exist_is_a_start_error(pods: Pods) -> None:
    pods.create("bad", {"command": ["no-such-program"]})
    assert 'exec: "no-such-program": executable file not found in $PATH' in pods.until_event("bad", "Failed")


def test_a_field_that_is_not_honoured_keeps_the_pod_waiting_with_an_event_that_names_it(pods: Pods) -> None:
    pods.create("odd", {**SLEEP, "lifecycle": {"postStart": {"exec": {"command": ["true"]}}}})
    assert pods.until_event("odd", "UnsupportedField").startswith("the sandbox does not honour spec.containers[0].lifecycle.postStart: ")
    pods.until("odd", waits("UnsupportedField"))


def test_an_unknown_image_waits_with_an_event_that_lists_the_known_ones(pods: Pods) -> None:
    pods.create("odd", {**SLEEP, "image": "nginx:1"})
    pods.until("odd", lambda status: waits("ImagePullBackOff")(status) or waits("ErrImagePull")(status))
    assert "nvcr.io/nvidia/tritonserver" in main(pods.status("odd"))["state"]["waiting"]["message"]


def test_volumes_variables_and_the_user_are_those_of_the_manifest(pods: Pods) -> None:
    pods.kubectl("create", "configmap", "files", "--from-literal=a=hello", "--from-literal=level=info")
    pods.kubectl("create", "secret", "generic", "key", "--from-literal=token=geheim")
    script = "cat /data/deep/er/file; echo $LEVEL $(TOKEN); id -u; echo x > /data/y || echo read-only; echo x > /scratch/z && ls /scratch"
    pods.create(
        "files",
        {
            "command": ["sh", "-c", script],
            "env": [
                {"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "files", "key": "level"}}},
                {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "key", "key": "token"}}},
            ],
            "volumeMounts": [{"name": "files", "mountPath": "/data"}, {"name": "scratch", "mountPath": "/scratch"}],
        },
        restartPolicy="Never",
        securityContext={"runAsUser": 1000, "runAsNonRoot": True},
        volumes=[
            {"name": "files", "configMap": {"name": "files", "items": [{"key": "a", "path": "deep/er/file"}]}},
            {"name": "scratch", "emptyDir": {}},
        ],
    )
    pods.until("files", lambda status: status["phase"] == "Succeeded")
    user = "1000" if os.geteuid() == 0 else "0"
    said = pods.log("files").splitlines()
    assert said[0] == "helloinfo geheim"
    assert said[1] == user
    assert said[-2:] == ["read-only", "z"]


def test_a_container_without_a_limit_is_told_what_its_node_has(pods: Pods) -> None:
    limit = {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}
    pods.create("asks", {"command": ["sh", "-c", "echo $CPUS"], "env": [limit]}, restartPolicy="Never")
    pods.until("asks", lambda status: status["phase"] == "Succeeded")
    pod = pods.get("asks")
    assert pod
    assert pods.log("asks").strip() == pods.kubectl("get", "node", pod["spec"]["nodeName"], "-ojsonpath={.status.allocatable.cpu}")


def test_a_missing_config_map_is_waited_for(pods: Pods) -> None:
    volume = {"name": "files", "configMap": {"name": "later"}}
    pods.create("waits", {**SLEEP, "volumeMounts": [{"name": "files", "mountPath": "/data"}]}, volumes=[volume])
    assert 'configmap "later" not found' in pods.until_event("waits", "FailedMount")
    pods.kubectl("create", "configmap", "later", "--from-literal=a=b")
    pods.until_ready("waits")


def test_init_containers_run_in_order_before_the_containers(pods: Pods) -> None:
    def step(name: str, command: str) -> dict[str, Any]:
        mounts = [{"name": "x", "mountPath": "/x"}]
        return {"name": name, "image": "sandbox.headroom.dev/tools", "command": ["sh", "-c", command], "volumeMounts": mounts}

    pods.create(
        "steps",
        step("main", "echo three >> /x/log; cat /x/log"),
        restartPolicy="Never",
        initContainers=[step("one", "echo one >> /x/log"), step("two", "echo two >> /x/log")],
        volumes=[{"name": "x", "emptyDir": {}}],
    )
    pods.until("steps", lambda status: status["phase"] == "Succeeded")
    assert pods.log("steps").split() == ["one", "two", "three"]


def test_a_sidecar_runs_beside_the_containers_and_ends_after_them(pods: Pods) -> None:
    ask = "import urllib.request as u; print(u.urlopen('http://localhost:8080/').status)"
    proxy = {"name": "proxy", "image": "sandbox.headroom.dev/tools", "restartPolicy": "Always", **WEB}
    started = {"startupProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 1}}
    pods.create("both", {"command": ["python", "-c", ask]}, restartPolicy="Never", initContainers=[proxy | started])
    status = pods.until(
        "both", lambda status: status["phase"] == "Succeeded" and "terminated" in status["initContainerStatuses"][0]["state"]
    )
    assert pods.log("both") == "200\n"
    assert status["initContainerStatuses"][0]["restartCount"] == 0


def test_a_sidecar_of_a_deleted_pod_is_asked_to_stop_once(pods: Pods) -> None:
    pause = {"preStop": {"exec": {"command": ["sleep", "3"]}}}
    proxy = {"name": "proxy", "image": "sandbox.headroom.dev/tools", "restartPolicy": "Always", "lifecycle": pause, **WEB}
    pods.create("leaving", SLEEP, initContainers=[proxy])
    pods.until("leaving", lambda status: "running" in main(status).get("state", {}))
    pods.delete("leaving")
    stops = pods.kubectl("get", "events", "--field-selector=involvedObject.name=leaving,reason=Killing", "-ojson")
    asked = [event for event in json.loads(stops)["items"] if event["message"] == "Stopping container proxy"]
    assert sum(event["count"] for event in asked) == 1


def test_a_failing_liveness_probe_restarts_the_container(pods: Pods) -> None:
    liveness = {"exec": {"command": ["test", "-e", "/tmp/alive"]}, "periodSeconds": 1, "failureThreshold": 2}
    pods.create("ill", {**SLEEP, "livenessProbe": liveness})
    pods.until("ill", lambda status: main(status).get("restartCount", 0) >= 1)
    assert "Liveness probe failed" in pods.until_event("ill", "Unhealthy")


def test_nothing_else_is_probed_before_the_startup_probe_succeeds(pods: Pods) -> None:
    startup = {"exec": {"command": ["test", "-e", "/tmp/go"]}, "periodSeconds": 1, "failureThreshold": SECONDS}
    liveness = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
    script = "sleep 4; touch /tmp/go; sleep 600"
    pods.create("slow", {"command": ["sh", "-c", script], "startupProbe": startup, "livenessProbe": liveness})
    pods.until("slow", lambda status: main(status).get("restartCount", 0) >= 1)
    ran = main(pods.status("slow"))["lastState"].get("terminated") or {}
    assert _seconds(ran) >= 4


def _seconds(terminated: dict[str, str]) -> float:
    from headroom.sandbox.kubelet.status import seconds

    return seconds(terminated["finishedAt"]) - seconds(terminated["startedAt"])


SLOW_SERVER = """
import http.server, signal, sys, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/healthz":
            print("begun", flush=True)
            time.sleep(4)
        self.send_response(200); self.end_headers(); self.wfile.write(b"done")
server = http.server.ThreadingHTTPServer(("", 8080), Handler)
server.daemon_threads = False
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(0.1)
server.server_close()
"""


@pytest.mark.proves("a deleted pod is drained", Proof.REAL)
def test_a_running_request_is_finished_while_the_pod_is_deleted(pods: Pods) -> None:
    server = {"command": ["python", "-c", SLOW_SERVER], "ports": WEB["ports"], "lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}
    ready = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 1}
    pods.create("web", {**server, "readinessProbe": ready}, terminationGracePeriodSeconds=30)
    address = pods.until_ready("web")["podIP"]
    answers: list[str] = []
    request = threading.Thread(target=lambda: answers.append(pods.inside("curl", "-s", f"http://{address}:8080/slow").stdout))
    request.start()
    assert eventually(lambda: "begun" in pods.log("web"))
    pods.delete("web")
    request.join(SECONDS)
    assert answers == ["done"]


def test_a_program_that_ignores_term_is_killed_after_its_grace_period(pods: Pods) -> None:
    pods.create("stubborn", {"command": ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"]}, terminationGracePeriodSeconds=2)
    pods.until_ready("stubborn")
    begun = time.monotonic()
    pods.delete("stubborn")
    assert 2 <= time.monotonic() - begun < 30


@pytest.mark.proves("a deleted pod leaves nothing", Proof.REAL)
def test_a_deleted_pod_leaves_no_process_mount_network_or_file(pods: Pods) -> None:
    pods.create("gone", {**SLEEP, "volumeMounts": [{"name": "x", "mountPath": "/x"}]}, volumes=[{"name": "x", "emptyDir": {}}])
    pods.until_ready("gone")
    pid, pod = pid_of(pods, "gone"), pods.get("gone")
    assert pod
    pods.delete("gone")
    uid = pod["metadata"]["uid"]
    assert not psutil.pid_exists(pid)
    assert not [process for process in psutil.process_iter(["cmdline"]) if any(uid in word for word in process.info["cmdline"] or ())]
    assert uid not in Path("/proc/mounts").read_text()
    # The kernel ends the network, and the agent removes the files, a moment later.
    assert eventually(lambda: "pod" not in pods.inside("ip", "-brief", "link", "show", "type", "veth").stdout)
    assert eventually(lambda: not (pods.layout.root / "kubelet" / "pods" / uid).exists())


def test_a_job_completes(pods: Pods) -> None:
    container = {"name": "main", "image": "sandbox.headroom.dev/tools", "command": ["true"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    pods.kubectl(
        "create", "-f-", manifest={"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}, "spec": {"template": template}}
    )
    pods.kubectl("wait", "--for=condition=Complete", "job/job", f"--timeout={SECONDS}s")


@pytest.mark.proves("a killed agent takes its pods over again", Proof.REAL)
def test_an_agent_that_is_killed_takes_over_what_it_left(pods: Pods) -> None:
    pods.create("stays", {**WEB, "readinessProbe": probe()})
    before, pid = pods.until_ready("stays"), pid_of(pods, "stays")
    agent = read(pods.layout, "kubelet")
    assert agent
    os.kill(agent.pid, signal.SIGKILL)
    pods.sandbox.up(report=lambda _: None)
    pods.create("new", {**WEB, "readinessProbe": probe()})
    new, after = pods.until_ready("new"), pods.until_ready("stays")
    assert psutil.pid_exists(pid)
    assert main(after)["restartCount"] == 0
    assert after["podIP"] == before["podIP"] != new["podIP"]
    pods.delete("stays")
    assert not psutil.pid_exists(pid)


def test_a_container_that_died_with_its_agent_is_started_again(pods: Pods) -> None:
    pods.create("dies", {**SLEEP, "command": ["sleep", "600"]})
    pods.until_ready("dies")
    pid = pid_of(pods, "dies")
    agent = read(pods.layout, "kubelet")
    assert agent
    os.kill(agent.pid, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    pods.sandbox.up(report=lambda _: None)
    status = pods.until("dies", lambda status: main(status)["restartCount"] == 1 and "running" in main(status)["state"])
    assert main(status)["lastState"]["terminated"]["exitCode"] == 137


def test_a_pod_that_is_deleted_while_there_is_no_agent_is_drained_by_the_next(pods: Pods) -> None:
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo drained > /out/file; sleep 1"]}}}
    script = "trap 'cat /out/file; exit 0' TERM; while true; do sleep 0.2; done"
    out = [{"name": "out", "mountPath": "/out"}]
    pods.create(
        "late",
        {"command": ["sh", "-c", script], "lifecycle": hook, "volumeMounts": out},
        terminationGracePeriodSeconds=60,
        volumes=[{"name": "out", "emptyDir": {}}],
    )
    pods.until_ready("late")
    pid, log = pid_of(pods, "late"), pods.log_path("late").open()
    agent = read(pods.layout, "kubelet")
    assert agent
    os.kill(agent.pid, signal.SIGKILL)
    pods.kubectl("delete", "pod", "late", "--wait=false")
    pods.sandbox.up(report=lambda _: None)
    pods.kubectl("wait", "--for=delete", "pod/late", f"--timeout={SECONDS}s")
    assert log.read() == "drained\n"
    assert not psutil.pid_exists(pid)
