"""`python -m headroom.sandbox.monitoring.reloader CLONE NAMESPACE NAME`: what the config reloader does in a Prometheus pod.

Twice a second it reads what the operator generated for the Prometheus object NAME, writes what changed to files and has Prometheus
reload. It answers `/-/ready` once the first configuration is written, and `/-/healthy` with what went wrong last.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from headroom.paths import Clone
from headroom.sandbox.api import Api
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import HOST, PORTS, Layout, inside_url
from headroom.sandbox.monitoring import configuration

PERIOD = 0.5


class Reloader:
    def __init__(self, layout: Layout, namespace: str, name: str) -> None:
        self._directory = layout.monitoring
        self._arguments = layout.prometheus_arguments
        self._api = Api(layout, "reloader")
        self._prometheus = httpx.Client(base_url=inside_url("prometheus"), timeout=10, trust_env=False)
        workload = f"prometheus-{name}"
        self._secret = f"/api/v1/namespaces/{namespace}/secrets/{workload}"
        self._rules = f"/api/v1/namespaces/{namespace}/configmaps?labelSelector=prometheus-name%3D{name}"
        self._stateful_set = f"/apis/apps/v1/namespaces/{namespace}/statefulsets/{workload}"
        self._written: dict[Path, str] = {}
        self._loaded: dict[Path, str] | None = None
        self.ready = False
        self.error = "the operator has generated no configuration yet"

    def look(self) -> None:
        """One round; what goes wrong is kept in `error`."""
        try:
            secret, stateful_set = self._api.get(self._secret), self._api.get(self._stateful_set)
            if secret is None or stateful_set is None:
                return
            rules = (self._api.get(self._rules) or {}).get("items", [])
            wanted = configuration.files(secret, rules, self._directory)
            if wanted != self._written:
                self._write(wanted)
            _replace(self._arguments, json.dumps(configuration.arguments(stateful_set, self._directory), indent=2))
            if not self.ready:
                self.ready, self.error = True, ""
            if self._loaded != wanted:
                self._reload(wanted)
        except (httpx.HTTPError, SandboxError, OSError) as error:
            self._fail(f"{type(error).__name__}: {error}")

    def _write(self, wanted: dict[Path, str]) -> None:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
        for path in (self._directory / "rules").glob("*/*"):
            if path not in wanted:
                path.unlink()
        self._written = wanted

    def _reload(self, wanted: dict[Path, str]) -> None:
        try:
            response = self._prometheus.post("/-/reload")
        except httpx.ConnectError:
            # Not started yet, or about to be again: it reads the files itself then, and is asked once more after that.
            return
        self._loaded = wanted
        if response.is_success:
            self.error = ""
            print(f"loaded {len(wanted)} files", flush=True)
        else:
            self._fail(response.text.strip())

    def _fail(self, message: str) -> None:
        if message != self.error:
            print(message, flush=True)
        self.error = message


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, and untouched when it is the same."""
    if path.exists() and path.read_text() == text:
        return
    unfinished = path.with_suffix(".new")
    unfinished.write_text(text)
    unfinished.replace(path)


def answer(reloader: Reloader, address: tuple[str, int]) -> None:
    """Serves the state of `reloader` from a thread of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            good = reloader.ready if self.path == "/-/ready" else not reloader.error
            body = (reloader.error or "ok").encode()
            self.send_response(200 if good else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any, **__: Any) -> None:
            """Silent: only what changes is worth a line."""

    threading.Thread(target=ThreadingHTTPServer(address, Handler).serve_forever, daemon=True).start()


def main() -> None:
    clone, namespace, name = sys.argv[1:]
    reloader = Reloader(Layout(Clone(Path(clone))), namespace, name)
    answer(reloader, (HOST, PORTS["reloader"]))
    while True:
        reloader.look()
        time.sleep(PERIOD)


if __name__ == "__main__":
    main()
