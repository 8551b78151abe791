"""The sandbox as a whole: up, broken in every way, mended, gone."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from headroom import yaml_text
from headroom.paths import Clone
from headroom.sandbox import Sandbox, SandboxError, records
from headroom.sandbox.layout import Layout
from headroom.sandbox.status import Status
from headroom.wiring import load, verify
from tests.evidence import Proof
from tests.sandbox.fixtures import throwaway_clone
from tests.waiting import eventually

pytestmark = pytest.mark.tools

Start = Callable[[], Sandbox]
MANIFESTS = Path(__file__).parents[1] / "wiring" / "checks"
INSIDE = "headroom.sandbox.inside"
CONTROL_PLANE = ("dns", "etcd", "gateway", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kwok", "namespace")


def quiet(_: str) -> None: ...


def pids(sandbox: Sandbox) -> dict[str, int]:
    return {process.name: process.pid for process in sandbox.status().processes}


def kubectl(sandbox: Sandbox, *arguments: str, given: object = None, may_fail: bool = False) -> str:
    from headroom.tools import require

    command = [require("kubectl")["kubectl"], f"--kubeconfig={sandbox.kubeconfig}", *arguments]
    return subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=not may_fail, timeout=120).stdout


def kill(pid: int) -> None:
    process = psutil.Process(pid)
    process.kill()
    deadline = time.monotonic() + 5
    while records.started(pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def locked(clone: Clone) -> bool:
    with Layout(clone).lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def marked(clone: Clone) -> list[psutil.Process]:
    return [process for process, _ in records.marked(Layout(clone))]


@pytest.fixture(scope="module")
def bare_clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return throwaway_clone(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def bare(bare_clone: Clone) -> Iterator[Sandbox]:
    ours = Sandbox(bare_clone)
    ours.up(bare=True, report=quiet)
    yield ours
    ours.down(report=quiet)


def test_every_process_is_healthy_after_up(bare: Sandbox) -> None:
    status = bare.status()
    assert {process.name: process.state for process in status.processes if process.state != "healthy"} == {}
    assert set(CONTROL_PLANE) <= {process.name for process in status.processes}


def test_the_api_server_is_reached_through_the_gateway(bare: Sandbox) -> None:
    assert kubectl(bare, "get", "--raw", "/readyz") == "ok"


def test_the_node_for_the_platform_is_ready(bare: Sandbox) -> None:
    kubectl(bare, "wait", "node/sandbox-cpu-0", "--for=condition=Ready", "--timeout=90s")


def test_pod_security_is_enforced_by_a_namespaces_label(bare: Sandbox) -> None:
    kubectl(bare, "create", "namespace", "guarded")
    kubectl(bare, "wait", "serviceaccount/default", "--for=create", "--namespace=guarded", "--timeout=90s")
    kubectl(bare, "label", "namespace", "guarded", "pod-security.kubernetes.io/enforce=restricted")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        kubectl(bare, "run", "careless", "--image=any", "--privileged", "--namespace=guarded")
    assert "violates PodSecurity" in refused.value.stderr


def refused_pods(sandbox: Sandbox, level: str, pods: list[dict[str, Any]]) -> set[str]:
    """The names of those that a namespace of the level does not take; nothing is made."""
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": {"pod-security.kubernetes.io/enforce": level}}}
    kubectl(sandbox, "create", "--filename=-", given=made)
    kubectl(sandbox, "wait", "serviceaccount/default", "--for=create", f"--namespace={level}", "--timeout=90s")
    here = [{**pod, "metadata": {**pod["metadata"], "namespace": level}} for pod in pods]
    asked = {"apiVersion": "v1", "kind": "List", "items": here}
    taken = kubectl(sandbox, "create", "--dry-run=server", "--output=name", "--filename=-", given=asked, may_fail=True)
    return {pod["metadata"]["name"] for pod in pods} - {line.removeprefix("pod/") for line in taken.split()}


@pytest.mark.proves("the security baseline takes a pod for confined exactly where the real admission of Pod Security does", Proof.REAL)
def test_the_baseline_judges_pods_as_the_admission_controller_does(bare: Sandbox) -> None:
    found: dict[str, set[str]] = {}
    pods = []
    for path in sorted(path for check in ("pod-privileged", "pod-not-restricted") for path in (MANIFESTS / check).iterdir()):
        deployment, *_ = yaml_text.load_all(path.read_text())
        name = f"{path.parent.name}-{path.stem}"
        found[name] = {finding.check for finding in verify(load([path]), security=True)}
        template = deployment["spec"]["template"]
        pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], "name": name}, "spec": template["spec"]})

    privileged = {name for name, checks in found.items() if "pod-privileged" in checks}
    unconfined = {name for name, checks in found.items() if checks & {"pod-privileged", "pod-not-restricted"}}
    assert refused_pods(bare, "baseline", pods) ^ privileged == set()
    assert refused_pods(bare, "restricted", pods) ^ unconfined == set()


def test_a_command_runs_inside_the_namespace(bare: Sandbox) -> None:
    shown = bare.run(["ip", "-brief", "address", "show", "dev", "pods0"], capture_output=True, text=True)
    assert "10.244.0.1/16" in shown.stdout


def test_nothing_of_the_namespace_shows_outside(bare: Sandbox) -> None:
    shown = subprocess.run(["ip", "-brief", "link"], capture_output=True, text=True, check=True).stdout
    assert "pods0" not in shown


def test_a_second_up_leaves_every_process_alone(bare: Sandbox) -> None:
    before = pids(bare)
    bare.up(bare=True, report=quiet)
    assert pids(bare) == before


@pytest.mark.parametrize(
    "names",
    [["etcd"], ["kube-apiserver"], ["gateway", "kube-controller-manager", "kube-scheduler", "kubelet", "dns", "kwok"], ["namespace"]],
    ids=lambda names: names[0],
)
def test_what_is_killed_is_mended_by_up(bare: Sandbox, names: list[str]) -> None:
    for name in names:
        kill(pids(bare)[name])
    bare.up(bare=True, report=quiet)
    assert eventually(lambda: bare.status().state == "healthy")


def test_the_clusters_objects_outlive_its_processes(bare: Sandbox) -> None:
    kubectl(bare, "create", "namespace", "kept")
    for name in ("etcd", "kube-apiserver", "namespace"):
        kill(pids(bare)[name])
    bare.up(bare=True, report=quiet)
    assert "kept" in kubectl(bare, "get", "namespaces", "--output=name")


def test_the_ports_outside_outlive_the_gateway(bare: Sandbox) -> None:
    before = bare.url("kube-apiserver")
    kill(pids(bare)["gateway"])
    bare.up(bare=True, report=quiet)
    assert bare.url("kube-apiserver") == before


@pytest.mark.parametrize("name", ["kube-scheduler", "kubelet"])
def test_a_process_that_hangs_is_replaced(bare: Sandbox, name: str) -> None:
    hanging = pids(bare)[name]
    os.kill(hanging, signal.SIGSTOP)
    bare.up(bare=True, report=quiet)
    assert pids(bare)[name] != hanging


def test_a_gateway_that_is_another_one_now_has_the_same_ports(bare: Sandbox, bare_clone: Clone) -> None:
    layout = Layout(bare_clone)
    former, before = records.read(layout, "gateway"), bare.url("kube-apiserver")
    assert former
    records.write(layout, replace(former, fingerprint="of an earlier version"))
    bare.up(bare=True, report=quiet)
    assert (kubectl(bare, "get", "--raw=/readyz"), bare.url("kube-apiserver")) == ("ok", before)


def test_an_up_that_was_killed_is_over_once_its_worker_is(bare: Sandbox, bare_clone: Clone) -> None:
    command = [sys.executable, "-m", "headroom", "sandbox", "up", "--bare"]
    up = subprocess.Popen(command, env={**os.environ, "HEADROOM_ROOT": str(bare_clone.root)}, stdout=subprocess.DEVNULL)
    while not (workers := [each for each in psutil.Process(up.pid).children(recursive=True) if INSIDE in each.cmdline()]):
        assert up.poll() is None
    worker = workers[0]
    worker.suspend()
    up.kill()
    up.wait()
    try:
        assert locked(bare_clone)
    finally:
        worker.kill()
    assert eventually(lambda: not locked(bare_clone))


def test_a_lost_record_leaves_no_second_process(bare: Sandbox, bare_clone: Clone) -> None:
    records.forget(Layout(bare_clone), "kwok")
    bare.up(bare=True, report=quiet)
    assert [process.pid for process, name in records.marked(Layout(bare_clone)) if name == "kwok"] == [pids(bare)["kwok"]]


def test_status_names_a_dead_process_with_its_last_lines(bare: Sandbox) -> None:
    kill(pids(bare)["kube-scheduler"])
    status = bare.status()
    dead = [process for process in status.processes if process.state == "dead"]
    bare.up(bare=True, report=quiet)
    assert status.state == "unhealthy"
    assert [process.name for process in dead] == ["kube-scheduler"]
    assert dead[0].last_lines


def test_up_names_a_process_that_cannot_start_with_its_last_lines(bare: Sandbox, bare_clone: Clone) -> None:
    kill(pids(bare)["kube-scheduler"])
    key = Layout(bare_clone).key("localhost")
    kept = key.read_bytes()
    key.write_text("not a key")
    try:
        with pytest.raises(SandboxError, match=r"kube-scheduler died; the last lines of .*kube-scheduler\.log"):
            bare.up(bare=True, report=quiet)
    finally:
        key.write_bytes(kept)
        bare.up(bare=True, report=quiet)


def test_what_an_up_that_failed_early_left_is_not_whole(bare: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Sandbox) -> None:
        raise SandboxError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(Sandbox, "_write_kubeconfigs", fails)
        with pytest.raises(SandboxError):
            bare.up(bare=True, report=quiet)
    before = bare.status()
    bare.up(bare=True, report=quiet)
    assert (before.state, before.whole, bare.status().whole) == ("unhealthy", False, True)


def test_two_ups_at_once_make_one_sandbox(bare: Sandbox, bare_clone: Clone) -> None:
    kill(pids(bare)["kwok"])
    with ThreadPoolExecutor(2) as both:
        for attempt in [both.submit(Sandbox(bare_clone).up, bare=True, report=quiet) for _ in range(2)]:
            attempt.result()
    assert len([name for _, name in records.marked(Layout(bare_clone)) if name == "kwok"]) == 1


def test_two_clones_do_not_disturb_each_other(bare: Sandbox, tmp_path: Path) -> None:
    clone = throwaway_clone(tmp_path / "other")
    other = Sandbox(clone)
    try:
        other.up(bare=True, report=quiet)
        assert other.url("kube-apiserver") != bare.url("kube-apiserver")
        kubectl(other, "create", "namespace", "only-here")
        assert "only-here" not in kubectl(bare, "get", "namespaces", "--output=name")
    finally:
        other.down(report=quiet)
    assert marked(clone) == []
    assert not Layout(clone).root.exists()
    assert eventually(lambda: bare.status().state == "healthy")


def test_down_leaves_nothing(tmp_path: Path) -> None:
    clone = throwaway_clone(tmp_path / "passing")
    sandbox = Sandbox(clone)
    sandbox.up(bare=True, report=quiet)
    straggler = sandbox.popen(["sleep", "60"])
    records.forget(Layout(clone), "kwok")
    sandbox.down(report=quiet)
    assert straggler.wait(5) == -signal.SIGTERM
    assert marked(clone) == []
    assert [path.name for path in clone.state.iterdir()] == ["sandbox.lock"]
    assert sandbox.status() == Status("down", whole=False, kubeconfig=str(sandbox.kubeconfig), urls={})


def test_down_ends_pods_whose_agent_was_killed(tmp_path: Path) -> None:
    clone = throwaway_clone(tmp_path / "orphans")
    sandbox = Sandbox(clone)
    try:
        sandbox.up(bare=True, report=quiet)
        # The admission plugin wants the account, which a controller makes a moment after the namespace.
        kubectl(sandbox, "wait", "serviceaccount/default", "--for=create", "--timeout=90s")
        kubectl(sandbox, "run", "sleeper", "--image=sandbox.headroom.dev/tools", "--restart=Never", "--command", "--", "sleep", "600")
        kubectl(sandbox, "wait", "pod/sleeper", "--for=condition=Ready", "--timeout=90s")
        kill(pids(sandbox)["kubelet"])
        assert "kubelet default/sleeper" in [name for _, name in records.marked(Layout(clone))]
    finally:
        sandbox.down(report=quiet)
    assert marked(clone) == []
