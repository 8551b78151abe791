"""How the process of a plugin ends: whatever it was at, nothing of it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest

from headroom.plugins.kubernetes.properties import encode
from headroom.plugins.protocol import provider_pb2, provider_pb2_grpc
from tests.plugins.kubernetes.objects import config_map

pytestmark = pytest.mark.thorough

PATIENCE = 20.0
KUBERNETES = (sys.executable, "-m", "headroom.plugins.kubernetes", "127.0.0.1:1")
RUNS_HELM = """
import sys, threading
from headroom.plugins import provider
from headroom.plugins.kubernetes.helm import program
from headroom.plugins.kubernetes.kubeconfig import Target
from headroom.plugins.protocol import provider_pb2_grpc

program.path = lambda: sys.argv[1]
cancelled = threading.Event()

class Service(provider_pb2_grpc.ResourceProviderServicer):
    def Create(self, request, context):
        program.run(["install"], target=Target({"server": "https://here"}), values={"a": 1}, cancelled=cancelled)

provider.serve(Service(), threads=2, cancel=cancelled.set)
"""


class Api:
    """A server of fake nodes in which there is no namespace; it counts attempts to write."""

    def __init__(self) -> None:
        self.writes = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

            def do_GET(self) -> None:
                kinds = [
                    {"name": "configmaps", "kind": "ConfigMap", "namespaced": True},
                    {"name": "nodes", "kind": "Node", "namespaced": False},
                ]
                self._answer(200, {"resources": kinds})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                api.writes += 1
                self._answer(404, {"reason": "NotFound", "message": 'namespaces "ns" not found', "details": {"kind": "namespaces"}})

            def _answer(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def kubeconfig(self) -> str:
        return json.dumps(
            {
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.server.server_address[1]}"}}],
                "contexts": [{"name": "c", "context": {"cluster": "c"}}],
                "current-context": "c",
            }
        )


@pytest.fixture
def api() -> Iterator[Api]:
    ours = Api()
    thread = threading.Thread(target=ours.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield ours
    ours.server.shutdown()
    ours.server.server_close()
    thread.join()


class Plugin:
    """A plugin that an engine has started."""

    def __init__(self, engine: subprocess.Popen[str], channel: grpc.Channel) -> None:
        self.engine = engine
        [self.process] = psutil.Process(engine.pid).children()
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)

    def begin(self) -> None:
        """An operation whose answer nobody waits for."""
        about: dict[str, Any] = {
            "urn": "urn:pulumi:t::t::kubernetes:core/v1:ConfigMap::c",
            "name": "c",
            "type": "kubernetes:core/v1:ConfigMap",
        }
        self._answer = self.stub.Create.future(provider_pb2.CreateRequest(**about, properties=encode(config_map())))

    @property
    def has_ended(self) -> bool:
        return not psutil.wait_procs([self.process], timeout=PATIENCE)[1]


@contextmanager
def started(*command: str, **environment: str) -> Iterator[Plugin]:
    """By a shell in the engine's place."""
    script = '"$@" & wait'
    engine = subprocess.Popen(["sh", "-c", script, "sh", *command], env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    assert engine.stdout is not None
    port = engine.stdout.readline().strip()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        plugin = Plugin(engine, channel)
        try:
            yield plugin
        finally:
            left = [*plugin.process.children(recursive=True), plugin.process] if plugin.process.is_running() else []
            for process in left:
                process.kill()
            engine.kill()
            engine.wait()


def until(happened: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_tries_again_ends_with_an_engine_that_was_killed(api: Api) -> None:
    with started(*KUBERNETES) as plugin:
        plugin.stub.Configure(provider_pb2.ConfigureRequest(variables={"kubernetes:config:kubeconfig": api.kubeconfig}))
        plugin.begin()
        until(lambda: api.writes)
        plugin.engine.kill()
        assert plugin.has_ended


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_plugin_at_nothing_ends_at_once(sign: signal.Signals) -> None:
    with started(*KUBERNETES) as plugin:
        began = time.monotonic()
        plugin.process.send_signal(sign)
        assert plugin.has_ended
        assert time.monotonic() - began < 4


@contextmanager
def with_helm(tmp_path: Path, on_signal: str) -> Iterator[Plugin]:
    """A plugin that runs a Helm which does this when it is asked to stop; its temporary files are in `tmp_path/temporary`."""
    (tmp_path / "temporary").mkdir()
    helm = tmp_path / "helm"
    helm.write_text(
        f"#!/bin/sh\ntrap '{on_signal}' TERM\necho $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid\nwhile :; do sleep 0.1; done\n"
    )
    helm.chmod(0o755)
    with started(sys.executable, "-c", RUNS_HELM, str(helm), TMPDIR=str(tmp_path / "temporary")) as plugin:
        plugin.begin()
        until((tmp_path / "pid").exists)
        try:
            yield plugin
        finally:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(int((tmp_path / "pid").read_text())).kill()


def test_helm_may_record_that_it_was_stopped(tmp_path: Path) -> None:
    with with_helm(tmp_path, on_signal=f"sleep 0.5; touch {tmp_path}/recorded; exit 1") as plugin:
        plugin.process.terminate()
        assert plugin.has_ended
    assert (tmp_path / "recorded").exists()


def test_a_helm_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    with with_helm(tmp_path, on_signal="") as plugin:
        helm = psutil.Process(int((tmp_path / "pid").read_text()))
        plugin.process.terminate()
        assert plugin.has_ended
        assert not helm.is_running()


def test_no_credentials_of_a_run_that_was_cut_off_stay_behind(tmp_path: Path) -> None:
    with with_helm(tmp_path, on_signal="") as plugin:
        assert list((tmp_path / "temporary").rglob("kubeconfig.json"))
        plugin.process.terminate()
        assert plugin.has_ended
    assert not list((tmp_path / "temporary").iterdir())
