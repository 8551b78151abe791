"""The descriptions of the processes, as data."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.sandbox import periods, processes
from headroom.sandbox.layout import PORTS, Layout
from headroom.sandbox.platform import ADD_ONS
from headroom.sandbox.process import Process, environment, fingerprint, python
from headroom.sandbox.processes import (
    alertmanager,
    gateway,
    karpenter,
    keda_adapter,
    keda_operator,
    kube_state_metrics,
    lws,
    metrics_server,
    prometheus,
    prometheus_adapter,
    prometheus_operator,
    reloader,
)

TOOLS = {name: Path("/tools") / name for name in (*processes.CONTROL_PLANE_TOOLS, *(tool for addon in ADD_ONS for tool in addon.tools))}
STEPS = {"identities", "nodes", "crds", "monitoring", "alertmanager-objects", "keda", "lws-definitions", "karpenter-definitions"}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(Clone(tmp_path))


@pytest.fixture
def described(layout: Layout) -> dict[str, Process]:
    everything = [
        *processes.control_plane(layout, TOOLS, {}),
        prometheus_operator.describe(layout, TOOLS["prometheus-operator"], definitions=["podmonitors.monitoring.coreos.com"]),
        reloader.describe(layout, "reloader", "prometheus", "monitoring", "main", needs="monitoring"),
        reloader.describe(layout, "alertmanager-reloader", "alertmanager", "monitoring", "main", needs="alertmanager-objects"),
        alertmanager.describe(Path("/tools/alertmanager"), ["--data.retention=120h"]),
        kube_state_metrics.describe(layout, TOOLS["kube-state-metrics"]),
        prometheus_adapter.describe(layout, TOOLS["prometheus-adapter"], ["--metrics-relist-interval=1s"]),
        prometheus.describe(layout, TOOLS["prometheus"], ["--web.enable-lifecycle"]),
        keda_operator.describe(layout, TOOLS["keda-operator"], {"WATCH_NAMESPACE": ""}),
        keda_adapter.describe(layout, TOOLS["keda-adapter"], {"WATCH_NAMESPACE": ""}),
        metrics_server.describe(layout, TOOLS["metrics-server"], ["--metric-resolution=15s"]),
        lws.describe(layout, TOOLS["lws"], layout.lws / "configuration.yaml"),
        karpenter.describe(layout, TOOLS["karpenter"]),
    ]
    return {process.name: process for process in everything}


def test_names_are_unique(layout: Layout, described: dict[str, Process]) -> None:
    assert len(described) == len(processes.control_plane(layout, TOOLS, {})) + 12


def test_no_two_processes_share_a_port() -> None:
    assert len(set(PORTS.values())) == len(PORTS)


def test_every_need_is_a_process_or_a_step(described: dict[str, Process]) -> None:
    assert {need for process in described.values() for need in process.needs} <= described.keys() | STEPS


def test_only_what_pods_may_ask_listens_beyond_loopback(described: dict[str, Process]) -> None:
    everywhere = {name for name, process in described.items() for word in process.argv if "0.0.0.0" in word or "[::]" in word}
    assert everywhere == {"kube-apiserver"}


def test_every_file_named_lies_in_the_sandboxs_directory_or_in_the_project(layout: Layout, described: dict[str, Process]) -> None:
    project = str(Path(processes.__file__).parents[2])
    values = [word.partition("=")[2] for process in described.values() for word in process.argv if word.startswith("--")]
    paths = [value for value in values if value.startswith("/")]
    assert paths
    assert all(path.startswith((str(layout.root), project)) for path in paths)


def test_the_api_server_asks_for_rights_and_aggregates(described: dict[str, Process]) -> None:
    argv = described["kube-apiserver"].argv
    assert "--authorization-mode=Node,RBAC" in argv
    assert "--requestheader-allowed-names=front-proxy-client" in argv


def test_the_api_server_keeps_the_default_admission_plugins(described: dict[str, Process]) -> None:
    assert not [word for word in described["kube-apiserver"].argv if "admission-plugins" in word]


def test_the_controllers_run_at_the_documented_periods(described: dict[str, Process]) -> None:
    assert set(periods.flags()) <= set(described["kube-controller-manager"].argv)
    assert "--horizontal-pod-autoscaler-sync-period=2s" in periods.flags()


def test_kwok_manages_only_nodes_that_ask_for_it(described: dict[str, Process]) -> None:
    assert "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake" in described["kwok"].argv


def test_prometheus_has_the_operators_arguments(described: dict[str, Process]) -> None:
    assert "--web.enable-lifecycle" in described["prometheus"].argv


def test_a_description_is_the_same_every_time(layout: Layout, described: dict[str, Process]) -> None:
    again = {process.name: process for process in processes.control_plane(layout, TOOLS, {})}
    assert {name: fingerprint(process) for name, process in again.items()} == {name: fingerprint(described[name]) for name in again}


def test_new_sockets_do_not_make_the_gateway_another_process() -> None:
    assert fingerprint(gateway.describe({})) == fingerprint(gateway.describe({"prometheus": 7}))


def test_a_changed_file_makes_its_reader_another_process(layout: Layout, described: dict[str, Process]) -> None:
    layout.root.mkdir(parents=True)
    layout.adapter_config.write_text("rules: []")
    before = fingerprint(described["prometheus-adapter"])
    layout.adapter_config.write_text("rules: [{}]")
    assert fingerprint(described["prometheus-adapter"]) != before


def test_a_process_sees_no_proxy_of_the_users_shell(monkeypatch: pytest.MonkeyPatch, described: dict[str, Process]) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert "HTTPS_PROXY" not in environment("/clone", described["prometheus-operator"])


def test_a_process_carries_the_mark_of_its_clone(described: dict[str, Process]) -> None:
    marked = environment("/clone", described["etcd"])
    assert (marked["HEADROOM_SANDBOX"], marked["HEADROOM_SANDBOX_PROCESS"]) == ("/clone", "etcd")


def test_by_whatever_name_python_was_called_the_process_is_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to(sys.executable)
    (tmp_path / "python").symlink_to("python3")
    commands = set()
    for name in ("python", "python3"):
        monkeypatch.setattr(sys, "executable", str(tmp_path / name))
        commands.add(python("headroom.sandbox.gateway"))
    assert len(commands) == 1


def test_the_agent_looks_for_tools_where_they_were_built(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    monkeypatch.delenv("HEADROOM_TOOLS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    agent = next(process for process in processes.control_plane(layout, TOOLS, {}) if process.name == "kubelet")
    assert environment("/clone", agent)["HEADROOM_TOOLS_CACHE"] == "/caches/headroom/tools"
